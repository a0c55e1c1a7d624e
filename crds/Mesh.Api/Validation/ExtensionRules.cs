using Mesh.Api.Extensions;

namespace Mesh.Api.Validation;

/// <summary>Programs that run within a proxy, however they are written down.</summary>
internal static class ExtensionRules
{
    /// <summary>Environment variables.</summary>
    public static void Environment(FindingList found, string path, VmConfig? config)
    {
        for (var i = 0; i < (config?.Env.Count ?? 0); i++)
        {
            var variable = config!.Env[i];
            if (variable.ValueFrom == "HOST" && !string.IsNullOrEmpty(variable.Value))
                found.Error($"{path}.env[{i}].value", variable.Value, "A variable of the proxy has a value already.", "Remove value, or write valueFrom: INLINE.");
        }
    }

    /// <summary>Traffic it sees.</summary>
    public static void Match(FindingList found, string path, IReadOnlyList<TrafficSelector> match)
    {
        for (var i = 0; i < match.Count; i++)
        {
            if (match[i].Mode is null && match[i].Ports.Count == 0)
                found.Warning($"{path}[{i}]", null, "It says nothing about the traffic, so all of it fits.", "Add mode or ports, or remove it.");
        }
    }
}
