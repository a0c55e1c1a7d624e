using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>Objects that were there when a recording began, as its `notes` name them and its first answers show them.</summary>
internal static class RecordedObjects
{
    /// <summary>Uses the CRD of 07-crd-create-established without saying so in its notes.</summary>
    public static bool NeedDefinition(string transcript) => transcript is
        "01-discovery-aggregated" or "01-openapi" or "04-watch-list-expired";

    public static IEnumerable<(string Method, string Path, JsonNode Body)> Before(string transcript) => transcript switch
    {
        "03-list-paging" => Enumerable.Range(0, 7).Select(i => Create("list-pg", "configmaps",
            $$$"""{"metadata":{"name":"c{{{i}}}","labels":{"n":"{{{i % 2}}}"}},"data":{"i":"{{{i}}}"}}""")),
        "03-list-selectors" => Selectors,
        "03-list-table" => Tables,
        "04-watch-list-expired" => Enumerable.Range(0, 7).Select(i => Create("expired", "configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"}}""")),
        "05-json-patch" =>
        [
            ("POST", "/apis/apps/v1/namespaces/p-json/deployments", Transcript.Read("05-status-and-generation").Steps.First()["request"]!["body"]!.DeepClone()),
        ],
        "12-eviction-pdb" => ((string[])["a", "b"]).SelectMany(Evictable),
        _ => [],
    };

    private static IEnumerable<(string, string, JsonNode)> Selectors =>
    [
        Create("list-sel", "configmaps", """{"metadata":{"name":"a","labels":{"app":"x","tier":"web"}},"data":{"k":"v"}}"""),
        Create("list-sel", "configmaps", """{"metadata":{"name":"b","labels":{"app":"y","tier":"web"}},"data":{"k":"v"}}"""),
        Create("list-sel", "configmaps", """{"metadata":{"name":"c","labels":{"app":"z"}},"data":{"k":"v"}}"""),
        Create("list-sel", "configmaps", """{"metadata":{"name":"d"},"data":{"k":"v"}}"""),
        Create("list-sel", "pods", Pod("p1", "x", null)),
        Create("list-sel", "pods", Pod("p2", "y", "node1")),
        Status("list-sel", "p2", """{"phase":"Running","podIP":"10.244.0.9","podIPs":[{"ip":"10.244.0.9"}]}"""),
    ];

    private static IEnumerable<(string, string, JsonNode)> Tables =>
    [
        Create("list-tab", "configmaps", """{"metadata":{"name":"a","labels":{"l":"1"}},"data":{"k":"v","k2":"w"}}"""),
        Create("list-tab", "pods", Pod("p1", "x", null)),
        Create("list-tab", "pods", Pod("p2", "y", "node1")),
        Status("list-tab", "p2", """
            {"phase":"Running","podIP":"10.244.0.9","podIPs":[{"ip":"10.244.0.9"}],
             "containerStatuses":[{"name":"c","ready":true,"restartCount":3,"image":"example/app:1","imageID":"x","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}
            """),
        Create("list-tab", "services", """{"metadata":{"name":"web"},"spec":{"selector":{"app":"x"},"ports":[{"name":"a","port":80},{"name":"b","port":90}]}}"""),
        ("POST", "/apis/apps/v1/namespaces/list-tab/deployments", JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"x"}},
             "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"example/app:1"}]}}}}
            """)!),
        ("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Gadgets()),
        Gadget("full", """{"host":"h","hosts":["a","b"],"on":true,"ratio":1.5,"size":5,"when":"2026-01-01T00:00:00Z"}"""),
        Gadget("empty", null),
    ];

    private static IEnumerable<(string, string, JsonNode)> Evictable(string name) =>
    [
        Create("evict", "pods", Pod(name, "e", "node1")),
        Status("evict", name, """{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}"""),
    ];

    private static (string, string, JsonNode) Create(string ns, string plural, string body) =>
        ("POST", $"/api/v1/namespaces/{ns}/{plural}", JsonNode.Parse(body)!);

    private static (string, string, JsonNode) Status(string ns, string pod, string status) =>
        ("PATCH", $"/api/v1/namespaces/{ns}/pods/{pod}/status", new JsonObject { ["status"] = JsonNode.Parse(status) });

    private static string Pod(string name, string app, string? node)
    {
        var pod = JsonNode.Parse("""{"metadata":{"labels":{}},"spec":{"containers":[{"name":"c","image":"example/app:1"}]}}""")!;
        pod["metadata"]!["name"] = name;
        pod["metadata"]!["labels"]!["app"] = app;
        if (node is not null)
            pod["spec"]!["nodeName"] = node;
        return pod.ToJsonString();
    }

    private static (string, string, JsonNode) Gadget(string name, string? spec)
    {
        var body = new JsonObject { ["apiVersion"] = "table.example.com/v1", ["kind"] = "Gadget", ["metadata"] = new JsonObject { ["name"] = name } };
        if (spec is not null)
            body["spec"] = JsonNode.Parse(spec);
        return ("POST", "/apis/table.example.com/v1/namespaces/list-tab/gadgets", body);
    }

    /// <summary>The definition itself is what that transcript's first answer shows.</summary>
    private static JsonObject Gadgets()
    {
        var shown = Transcript.Read("03-list-table").Steps.First()["response"]!["body"]!;
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = shown["metadata"]!["name"]!.DeepClone() },
            ["spec"] = shown["spec"]!.DeepClone(),
        };
    }
}
