using Mesh.Api.Extensions;

namespace Mesh.Api.Validation;

/// <summary>Programs that run within a proxy, however they are written down.</summary>
internal static class ExtensionRules
{
    /// <summary>Where a program is.</summary>
    public static void Source(FindingList found, string path, string? url)
    {
        if (string.IsNullOrEmpty(url))
            return;
        var mark = url.IndexOf("://", StringComparison.Ordinal);
        if (mark >= 0 ? url[..mark] is not ("file" or "http" or "https" or "oci") : url.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '#' or '%' or '"' or '<' or '>'))
            found.Error(path, url, "This is no place that programs are fetched from.", "Write oci://, https://, http:// or file:// with a path.");
    }

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
                found.Error($"{path}[{i}]", null, "It says nothing about the traffic.", "Add mode or ports, or remove it.");
        }
    }
}
