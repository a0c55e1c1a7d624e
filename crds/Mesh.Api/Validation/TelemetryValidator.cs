using Mesh.Api.Telemetry;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a Telemetry by looking at it alone.</summary>
public static class TelemetryValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(TelemetrySpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        TargetRules.Check(found, spec.Selector, spec.TargetRef, spec.TargetRefs, head);
        Tracing(found, spec.Tracing);
        for (var i = 0; i < spec.Metrics.Count; i++)
            Metrics(found, $"spec.metrics[{i}]", spec.Metrics[i]);
        if (spec.AccessLogging.Count > 1)
            found.Warning("spec.accessLogging", spec.AccessLogging.Count, "Several entries are understood differently by versions of Istio.", "Put all into one entry.");
        for (var i = 0; i < spec.AccessLogging.Count; i++)
            Filter(found, $"spec.accessLogging[{i}].filter.expression", spec.AccessLogging[i].Filter);

        return found.ToList();
    }

    private static void Tracing(FindingList found, IReadOnlyList<TracingSettings> tracing)
    {
        if (tracing.Count > 1)
            found.Warning("spec.tracing", tracing.Count, "Only the first entry counts.", "Put all into one entry.");
        for (var i = 0; i < tracing.Count; i++)
        {
            if (tracing[i].Providers.Count > 1)
                found.Warning($"spec.tracing[{i}].providers", tracing[i].Providers.Count, "Spans go to one provider only, the first.", "Keep one.");
            foreach (var (name, tag) in tracing[i].CustomTags)
            {
                var at = $"spec.tracing[{i}].customTags[{name}]";
                if (name.Length == 0)
                    found.Error(at, name, "A tag needs a name.", "Write it.");
                if (tag is null or { Literal: null, Environment: null, Header: null, Formatter: null })
                    found.Error(at, null, "It is not said where the tag's value comes from.", "Add literal, environment, header or formatter.");
            }
        }
    }

    private static void Metrics(FindingList found, string path, MetricsSettings metrics)
    {
        for (var i = 0; i < metrics.Overrides.Count; i++)
        {
            foreach (var (name, tag) in metrics.Overrides[i].TagOverrides)
            {
                var at = $"{path}.overrides[{i}].tagOverrides[{name}]";
                if (name.Length == 0)
                    found.Warning(at, name, "A label needs a name.", "Write it.");
                if (tag?.Operation == "REMOVE" && !string.IsNullOrEmpty(tag.Value))
                    found.Error(at + ".value", tag.Value, "A label that is removed has no value.", "Remove value, or write UPSERT.");
                if (tag?.Operation is null or "UPSERT" && string.IsNullOrEmpty(tag?.Value))
                    found.Error(at + ".value", tag?.Value, "A label that is set needs a value.", "Add value, or write REMOVE.");
            }
        }
    }

    private static void Filter(FindingList found, string path, AccessLoggingFilter? filter)
    {
        if (filter is null)
            return;
        if (CelSyntax.Problem(filter.Expression ?? "") is { } problem)
            found.Error(path, filter.Expression, $"This is no expression in CEL: {problem}.", "Write one such as response.code >= 400.");
    }
}
