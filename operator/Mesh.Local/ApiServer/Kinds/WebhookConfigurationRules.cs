using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Webhook configurations: their defaults, and what would make a webhook impossible to call.</summary>
internal sealed class WebhookConfigurationRules(bool mutating) : KindRules
{
    public override bool HasGeneration(WriteRequest write) => true;

    public override void Default(JsonObject item)
    {
        foreach (var hook in item.List("webhooks")?.OfType<JsonObject>() ?? [])
        {
            hook.Default("failurePolicy", "Fail");
            hook.Default("matchPolicy", "Equivalent");
            hook.Default("namespaceSelector", new JsonObject());
            hook.Default("objectSelector", new JsonObject());
            hook.Default("timeoutSeconds", 10);
            if (mutating)
                hook.Default("reinvocationPolicy", "Never");
            if (hook.Map("clientConfig", "service") is { } service)
                service.Default("port", 443);
            foreach (var rule in hook.List("rules")?.OfType<JsonObject>() ?? [])
                rule.Default("scope", "*");
        }
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var names = new HashSet<string>();
        var index = 0;
        foreach (var hook in item.List("webhooks")?.OfType<JsonObject>() ?? [])
        {
            var path = $"webhooks[{index++}]";
            var name = hook.Text("name") ?? "";
            if (name.Split('.').Count(part => part.Length > 0) < 3)
                problems.Add(FieldProblem.Invalid(path + ".name", FieldProblem.Quote(name), "should be a domain with at least three segments separated by dots"));
            if (!names.Add(name))
                problems.Add(FieldProblem.Duplicate(path + ".name", FieldProblem.Quote(name)));
            Hook(problems, hook, path);
        }
    }

    private static void Hook(List<FieldProblem> problems, JsonObject hook, string path)
    {
        if (hook.Text("sideEffects") is not { } effects)
            problems.Add(FieldProblem.Required(path + ".sideEffects", "must specify one of None, NoneOnDryRun"));
        else if (effects is not ("None" or "NoneOnDryRun"))
            problems.Add(FieldProblem.NotSupported(path + ".sideEffects", FieldProblem.Quote(effects), ["None", "NoneOnDryRun"]));
        if (hook.Integer("timeoutSeconds") is { } seconds and (< 1 or > 30))
            problems.Add(FieldProblem.Invalid(path + ".timeoutSeconds", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture), "the timeout value must be between 1 and 30 seconds"));
        var index = 0;
        foreach (var condition in hook.List("matchConditions")?.OfType<JsonObject>() ?? [])
        {
            if (CelCheck.Problem(condition.Text("expression") ?? "", AdmissionVariables.Declared) is { } problem)
                problems.Add(FieldProblem.Invalid($"{path}.matchConditions[{index}].expression", FieldProblem.Quote(condition.Text("expression") ?? ""), "compilation failed: " + problem));
            index++;
        }

        var versions = hook.List("admissionReviewVersions");
        if (versions is null || versions.Count == 0)
            problems.Add(FieldProblem.Required(path + ".admissionReviewVersions", "must specify one of v1, v1beta1"));
        else if (!versions.Any(version => version!.GetValue<string>() is "v1"))
            problems.Add(FieldProblem.Invalid(path + ".admissionReviewVersions", versions.ToJsonString(), "must include at least one of v1, v1beta1"));
        var url = hook.Text("clientConfig", "url");
        if (url is null == hook.Map("clientConfig", "service") is null)
            problems.Add(FieldProblem.Required(path + ".clientConfig", "exactly one of url or service is required"));
        else if (url is not null && !url.StartsWith("https://", StringComparison.Ordinal))
            problems.Add(FieldProblem.Invalid(path + ".clientConfig.url", FieldProblem.Quote(url.Split(':')[0]), "'https' is the only allowed URL scheme; desired format: https://host[/path]"));
    }
}
