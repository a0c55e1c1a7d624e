using System.IO.Enumeration;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// What may differ from the recording, and why: another build answered there, or it is something this server honestly does not
/// run. Everything else is a fault of the server. Patterns take * and ?; a row that no longer matches anything fails the test.
/// </summary>
internal static class AllowedDifferences
{
    /// <param name="Transcript">Of which recording.</param>
    /// <param name="Step">The name of the step.</param>
    /// <param name="Field">The path of the field.</param>
    /// <param name="Reason">Why it may differ.</param>
    /// <param name="Always">False where it depends on who is quicker: then it may also not differ.</param>
    internal sealed record Row(string Transcript, string Step, string Field, string Reason, bool Always = true);

    private const string NotServed = "groups, kinds and subresources that are not served: componentstatuses, proxies, resize, certificates, flow control, dynamic resources";
    private const string OtherBuild = "another build answered";
    private const string KeyKind = "tokens are signed with an elliptic curve key";
    private const string OtherPublisher = "the recorded cluster's build also publishes openshift-service-ca.crt into every namespace";
    private const string OtherOrder = "of controllers that work side by side, who writes first, and how often in between, is chance";
    private const string ColumnTexts = "columns that show no single field say nothing of themselves; texts of fields are of another release";
    private const string Ephemeral = "ephemeral containers are refused (docs/differences.md), so the pod has none later";
    private const string Together = "what happens to a pod at about the same time may be one write";
    private const string Diff = "Kubernetes appends a diff of its own Go struct";

    public static Row[] Rows { get; } =
    [
        new("01-discovery", "/version", ".git*", OtherBuild),
        new("01-discovery", "/version", ".goVersion", OtherBuild),
        new("01-discovery", "/version", ".compiler", OtherBuild),
        new("01-discovery", "/apis (legacy)", ".groups*", NotServed),
        new("01-discovery", "/api/v1", ".resources", NotServed),
        new("01-discovery", "/apis/a*", ".resources[?].storageVersionHash", "Kubernetes still keeps these in a beta version, which is not served"),
        new("01-discovery", "/", ".paths", NotServed),
        new("01-discovery", "/livez*", "text", "the checks are those of its parts"),
        new("01-discovery", "/openid/v1/jwks with any Accept", ".keys[0]*", KeyKind),
        new("01-discovery", "/.well-known/*", ".id_token_signing_alg_values_supported[0]", KeyKind),
        new("01-discovery-aggregated", "*", ".items*", NotServed),
        new("01-openapi", "*root index", ".paths.*", "documents of what is not served, and of paths without kinds"),
        new("01-openapi", "*names only", ".paths (names*", NotServed),
        new("01-openapi", "*names only", ".components*", "the client library's models are of another release"),
        new("01-openapi", "CRD group*", ".paths.*", "operations are told as far as clients go by them: methods, parameters, types, kinds"),
        new("01-openapi", "CRD group*", ".components*.DeleteOptions.x-kubernetes-group-version-kind*", "options of deletion are told once, for the core group"),
        new("01-openapi", "CRD group*", ".components*.required", "the client library's models do not tell what is required (docs/differences.md)"),
        new("01-openapi", "CRD group*", ".components*.default", "nor what a text is when it is not given"),
        new("01-openapi", "CRD group*", ".components*.description", "texts of fields are of another release"),
        new("01-openapi", "/openapi/v2*", ".paths*", "trimmed in the recording"),
        new("01-openapi", "/openapi/v2*", ".definitions*", "trimmed in the recording"),
        new("01-openapi", "/openapi/v2*", ".parameters", "parameters stand where they are used"),
        new("03-list-table", "*", ".columnDefinitions*.description", ColumnTexts),
        new("03-list-table", "Table as YAML", "text line*", "an age in seconds", Always: false),
        new("07-cr-crud-versions", "create without apiVersion/kind: 400", ".message", "quotes the document as it was sent, whose blanks the recording does not show"),
        new("07-cr-validation", "several errors at once, order", "*", "the order of errors of one object is that of a map in Go, another each time"),
        new("07-crd-create-established", "list the resource right after (0)", "*", "the recorded server was still opening its storage; this one needs no time for it"),
        new("07-crd-create-established", "CEL rule too costly: 422", "*", "the cost of rules is not estimated (docs/differences.md)"),
        new("07-crd-update-delete", "get the CRD immediately", "*", "the recorded server waits a second before it looks whether all objects are gone", Always: false),
        new("07-crd-update-delete", "after recreation of the CRD: list is empty", "*", "the definition was made again without that being recorded"),
        new("09-finalizers", "list", ".items", "the recorded namespace had not got its kube-root-ca.crt yet", Always: false),
        new("09-namespace", "kube-root-ca.crt", ".items", OtherPublisher),
        new("09-namespace", "list cms", ".items", OtherPublisher),
        new("09-namespace", "event of w2", "event", OtherPublisher),
        new("09-namespace", "*", ".metadata.resourceVersion", "a version of a namespace that is as old as the cluster, kept as a number", Always: false),
        new("09-propagation", "list", ".metadata.remainingItemCount", OtherPublisher),
        new("09-propagation", "*", ".metadata.resourceVersion", OtherOrder, Always: false),
        new("11-access", "SelfSubjectReview as admin", ".status.userInfo.extra.*", "the hash of the recorder's own certificate"),
        new("11-access", "SelfSubjectRulesReview", ".status.nonResourceRules", "the recorded cluster gave everybody /.well-known too; and the order is that of a map in Go"),
        new("11-tokens", "TokenReview: tampered signature", ".spec.token", "the recording shows a name in place of the token"),
        new("12-deployments", "event of w?", "*", OtherOrder, Always: false),
        new("12-deployments", "end of w?", "*", OtherOrder, Always: false),
        new("12-deployments", "ReplicaSets: *", ".items*.metadata.resourceVersion", OtherOrder, Always: false),
        new("12-deployments", "Pods: name is*", ".items*", "pods made at the same time are listed by their random names", Always: false),
        new("12-deployments", "pods of StatefulSet and Job", ".items[1].*", "the recording took the number of a StatefulSet's pod for a random suffix"),
        new("12-endpointslice-controller", "Endpoints object (legacy)", ".metadata.resourceVersion", OtherOrder, Always: false),
        new("12-eviction-pdb", "*", ".metadata.managedFields", "was taken out of the recording, though its notes do not say so"),
        new("12-leases-events", "Table*", ".columnDefinitions*.description", ColumnTexts),
        new("12-pods-defaults", "proxy to an unscheduled pod", "status", NotServed),
        new("12-pods-defaults", "ephemeralcontainers*", "status", Ephemeral),
        new("12-pods-defaults", "*", "*.ephemeralContainers", Ephemeral),
        new("12-pods-defaults", "*", "*.metadata.generation", Ephemeral),
        new("12-pods-defaults", "*", "*.metadata.managedFields", Ephemeral),
        new("12-pods-defaults", "env change: 422*", "*message", Diff),
        new("12-pods-defaults", "nodeName by patch: 422", "*message", Diff),
        new("10-webhook-cr-validate", "matchCondition that does not compile: 422", "*message", "the words of another parser of CEL"),
        new("12-services", "its EndpointSlice", ".ports[0].port", "the test's server listens at a free port"),
        new("12-services", "Endpoints v1 is deprecated: Warning", "*.metadata.resourceVersion", OtherOrder, Always: false),
        new("12-services", "Endpoints v1 is deprecated: Warning", ".items", OtherOrder, Always: false),
        new("13-*", "*", "*.containerID", "another container runtime names its containers"),
        new("13-*", "*", "*Statuses[*].image", "names of images are not completed with a registry: there is none"),
        new("13-*", "*", "*.imageID", "images are programs of this machine and have no digests"),
        new("13-*", "*", "*.status.podIPs", "pods have an IPv6 address too; the recorded cluster had one family"),
        new("13-*", "*", "*.status.resources.limits", "an overflow of the recorded build: a pod without limits has none"),
        new("13-*", "*", "*resourceVersion", "the order in which scheduler, kubelet and controllers write is another each time", Always: false),
        new("13-*", "*", "*.zone", "nodes have a zone here"),
        new("13-*", "*", "*.metadata.generation", "how often endpoints were gathered into a write is another each time", Always: false),
        new("13-*", "Table*", ".columnDefinitions*.description", ColumnTexts),
        new("13-failing-pods", "deletecollection", ".items", "shortened in the recording"),
        new("13-failing-pods", "previous log of crash", "text", "the recorded runtime had thrown the first run's log away"),
        new("13-failing-pods", "Table*", ".rows[*].cells[3]", "how long ago a container was restarted", Always: false),
        new("13-failing-pods", "status of sched", ".status.conditions[0].message", "another scheduler's words", Always: false),
        new("13-failing-pods", "node", ".metadata.*", "another node, with region and zone"),
        new("13-failing-pods", "node", ".spec.podCIDR*", "a node has a subnet for its pods here"),
        new("13-failing-pods", "node", ".status.*", "another machine and another agent, without the recorded one's features"),
        new("13-running-pod", "event of w?", "event", Together, Always: false),
        new("13-running-pod", "end of w2", "event", Together, Always: false),
        new("13-running-pod", "EndpointSlice*", ".items[0].metadata.annotations", "a change in the same second as the one before has no time of its own", Always: false),
        new("13-running-pod", "Events of the pod", ".items", "the recorded runtime failed a probe of a container that was ending", Always: false),
        new("13-running-pod", "Events of the pod", ".items[1?].*", "how often a probe fails before its container has ended, and what is told between, is chance", Always: false),
        new("13-running-pod", "proxy to the *", "status", "the proxy subresources are not served (docs/differences.md)"),
    ];

    public static Row? For(string transcript, Difference difference) => Rows.FirstOrDefault(row =>
        Matches(row.Transcript, transcript) && Matches(row.Step, difference.Step) && Matches(row.Field, difference.Field));

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
