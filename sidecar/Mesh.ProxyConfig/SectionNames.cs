using System.Reflection;
using Mesh.Config.Formats;

namespace Mesh.Config;

/// <summary>Names and prefixes of sections.</summary>
public static class SectionNames
{
    /// <summary>Who the proxy is (per pod).</summary>
    public const string Workload = "workload";

    /// <summary>Mesh-wide settings.</summary>
    public const string Mesh = "mesh";

    /// <summary>Inbound ports (per pod).</summary>
    public const string Inbound = "inbound";

    /// <summary>Outbound listeners (per scope).</summary>
    public const string Outbound = "outbound";

    /// <summary>Prefix of route tables (per scope).</summary>
    public const string Routes = "routes/";

    /// <summary>Prefix of cluster sets (per host).</summary>
    public const string Clusters = "clusters/";

    /// <summary>Prefix of endpoint sets (per host).</summary>
    public const string Endpoints = "endpoints/";

    private static readonly (string Name, SinceAttribute Since)[] Later =
    [
        .. typeof(SectionNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (Name: (string)field.GetRawConstantValue()!, Since: field.GetCustomAttribute<SinceAttribute>()!))
            .Where(kind => kind.Since is not null),
    ];

    /// <summary>When sections of this name came; <c>null</c>: with the first format.</summary>
    internal static SinceAttribute? SinceOf(string section) =>
        Later.FirstOrDefault(kind => kind.Name.EndsWith('/') ? section.StartsWith(kind.Name, StringComparison.Ordinal) : section == kind.Name).Since;
}
