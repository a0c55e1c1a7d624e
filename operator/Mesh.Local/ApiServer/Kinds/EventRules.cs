using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>
/// Events. The core group takes nearly anything, as it always did; events.k8s.io wants to know who did what when, and lets
/// only a series grow. Problems are told under the core names in both.
/// </summary>
internal sealed class EventRules : KindRules
{
    private static readonly (string Core, string Events)[] Unchanging =
        [("involvedObject", "regarding"), ("reason", "reason"), ("message", "note"), ("type", "type"), ("action", "action"), ("eventTime", "eventTime"), ("reportingComponent", "reportingController"), ("reportingInstance", "reportingInstance")];

    public override void PrepareCreate(JsonObject item) => Show(item);

    public override void PrepareUpdate(JsonObject item, StoredObject before, string subresource) => Show(item);

    /// <summary>What Kubernetes' types show though nobody gave it.</summary>
    private static void Show(JsonObject item)
    {
        var isNew = item.Text("apiVersion") == "events.k8s.io/v1";
        foreach (var time in isNew ? (string[])["eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"] : ["eventTime", "firstTimestamp", "lastTimestamp"])
            item.TryAdd(time, null);
        item.Default(isNew ? "deprecatedSource" : "source", new JsonObject());
        if (isNew)
            return;
        item.Default("reportingComponent", "");
        item.Default("reportingInstance", "");
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var isNew = item.Text("apiVersion") == "events.k8s.io/v1";
        var about = item.Map(isNew ? "regarding" : "involvedObject");
        if (isNew && before is null)
            Complete(problems, item);
        if (isNew && before is not null)
            Unchanged(problems, item, before);
        Namespace(problems, item.Text("metadata", "namespace") ?? "", about.Text("namespace") ?? "");
    }

    private static void Namespace(List<FieldProblem> problems, string ns, string about)
    {
        // What stands in no namespace has its events in the default one.
        if (about.Length == 0 ? ns is not ("default" or "kube-system") : about != ns)
            problems.Add(FieldProblem.Invalid("involvedObject.namespace", FieldProblem.Quote(about), "does not match event.namespace"));
    }

    private static void Complete(List<FieldProblem> problems, JsonObject item)
    {
        if (item["eventTime"] is null)
            problems.Add(FieldProblem.Required("eventTime"));
        foreach (var (given, told) in (ReadOnlySpan<(string, string)>)
            [("reportingController", "reportingController"), ("reportingInstance", "reportingInstance"), ("action", "action"), ("reason", "reason")])
        {
            if (item.Text(given) is not { Length: > 0 })
                problems.Add(FieldProblem.Required(told));
        }

        if (item.Text("type") is not ("Normal" or "Warning") and var type)
            problems.Add(FieldProblem.Invalid("type", "\"\"", "has invalid value: " + type));
    }

    private static void Unchanged(List<FieldProblem> problems, JsonObject item, StoredObject before)
    {
        var old = before.Edit();
        foreach (var (core, events) in Unchanging)
        {
            if (!JsonNode.DeepEquals(item[events], old[core]))
                problems.Add(FieldProblem.Invalid(core, item[events]?.ToJsonString() ?? "null", "field is immutable"));
        }
    }
}
