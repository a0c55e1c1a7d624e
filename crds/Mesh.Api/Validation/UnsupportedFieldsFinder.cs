using System.Collections;
using System.Text.Json;
using Mesh.Api.Networking;
using Mesh.Api.Security;

namespace Mesh.Api.Validation;

/// <summary>Finds what an object asks for that this version of Mesh does not do yet: never silence, a finding for each.</summary>
public static class UnsupportedFieldsFinder
{
    /// <summary>What a VirtualService asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(VirtualServiceSpec spec, string resource = "") =>
        [.. Find(SupportedFields.VirtualService, spec, resource), .. UnsupportedValues.Of(spec, resource)];

    /// <summary>What a DestinationRule asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(DestinationRuleSpec spec, string resource = "") =>
        Find(SupportedFields.DestinationRule, spec, resource);

    /// <summary>What a ServiceEntry asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(ServiceEntrySpec spec, string resource = "") =>
        [.. Find(SupportedFields.ServiceEntry, spec, resource), .. UnsupportedValues.Of(spec, resource)];

    /// <summary>What a WorkloadEntry asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(WorkloadEntrySpec spec, string resource = "") =>
        [.. Find(SupportedFields.WorkloadEntry, spec, resource), .. UnsupportedValues.Of(spec, resource)];

    /// <summary>What a Sidecar asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(SidecarSpec spec, string resource = "") =>
        [.. Find(SupportedFields.Sidecar, spec, resource), .. UnsupportedValues.Of(spec, resource)];

    /// <summary>What a ProxyConfig asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(ProxyConfigSpec spec, string resource = "") => [.. UnsupportedValues.Of(spec, resource)];

    /// <summary>What a PeerAuthentication asks for in vain; findings name no object.</summary>
    public static IReadOnlyList<Finding> Find(PeerAuthenticationSpec spec, string resource = "") =>
        [.. Find(SupportedFields.PeerAuthentication, spec, resource)];

    /// <summary>Every field, as a path, that has no fields of its own.</summary>
    public static IEnumerable<string> Leaves(Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if ((ApiFields.ListElement(type) ?? ApiFields.MapValue(type)) is { } element)
            return Leaves(element, path);
        return ApiFields.IsObject(type)
            ? ApiFields.Of(type).SelectMany(p => Leaves(p.PropertyType, $"{path}.{ApiFields.NameOf(p)}"))
            : [path];
    }

    /// <summary>What a spec asks for in vain by the lists of its kind.</summary>
    internal static IReadOnlyList<Finding> Find(FieldSupport support, object spec, string resource) =>
        [.. Walk(support, "spec", "spec", spec).Select(hit => new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.FieldNotSupportedYet,
            Resource = resource,
            Path = hit.Place,
            Value = Text(hit.Value),
            Message = $"This version of Mesh does not act on this field yet. {support.NotYet[hit.Path]}",
            Remedy = "Do not rely on it; docs/features.md lists what works.",
        })];

    // Path is the field without positions, as the lists name it; place is where it stands in this object.
    private static IEnumerable<(string Path, string Place, object Value)> Walk(FieldSupport support, string path, string place, object? value)
    {
        if (value is null || IsEmpty(value))
            return [];
        if (support.NotYet.ContainsKey(path))
            return [(path, place, value)];
        if (!support.NotYet.Keys.Any(p => p.StartsWith(path + ".", StringComparison.Ordinal)))
            return [];
        if (value is IDictionary map)
            return map.Keys.Cast<object>().SelectMany(key => Walk(support, path, $"{place}[{key}]", map[key]));
        if (value is IEnumerable list)
            return list.Cast<object?>().SelectMany((element, i) => Walk(support, path, $"{place}[{i}]", element));
        return ApiFields.Of(value.GetType()).SelectMany(p =>
            Walk(support, $"{path}.{ApiFields.NameOf(p)}", $"{place}.{ApiFields.NameOf(p)}", p.GetValue(value)));
    }

    // A switch that is off asks for nothing.
    private static bool IsEmpty(object value) => value is false or "" || value is ICollection { Count: 0 };

    private static string Text(object value)
    {
        const int Longest = 120;
        var text = value is string plain ? plain : JsonSerializer.Serialize(value, ApiJson.Options);
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
