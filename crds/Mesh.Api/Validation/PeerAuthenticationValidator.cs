using System.Globalization;
using Mesh.Api.Security;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a PeerAuthentication by looking at it alone.</summary>
public static class PeerAuthenticationValidator
{
    private const string Modes = "Write STRICT, PERMISSIVE, DISABLE or UNSET.";

    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1PeerAuthentication entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(PeerAuthenticationSpec spec, ObjectHead head) =>
        Validate(spec, head.Namespace, head.Resource);

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(PeerAuthenticationSpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        CommonRules.Selector(found, "spec.selector", spec.Selector);
        var selects = spec.Selector is { MatchLabels.Count: > 0 };
        if (space == MeshNames.RootNamespace && selects)
            found.Warning("spec.selector", null, $"In the root namespace {MeshNames.RootNamespace} a selector has no effect, nor has what is written with it.", "Move it to the namespace of the pods, or remove the selector to speak for the whole mesh.", FindingCodes.IneffectivePolicy);
        Mode(found, "spec.mtls.mode", spec.Mtls?.Mode);
        if (spec.PortLevelMtls is { } ports)
            Ports(found, ports, selects);
        return found.ToList();
    }

    private static void Ports(FindingList found, IReadOnlyDictionary<string, MutualTls> ports, bool selects)
    {
        if (ports.Count == 0)
            found.Error("spec.portLevelMtls", null, "No port is named.", "Name a port such as 8080: {mode: DISABLE}, or leave the field out.");
        else if (!selects)
            found.Error("spec.portLevelMtls", string.Join(", ", ports.Keys), "Ports differ from pod to pod, so this needs a selector.", "Add selector.matchLabels for the pods that listen on them.");
        foreach (var (port, settings) in ports)
        {
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
                found.Error($"spec.portLevelMtls[{port}]", port, "This is no port.", "Write the number the application listens on, 1 to 65535.");
            Mode(found, $"spec.portLevelMtls[{port}].mode", settings?.Mode);
        }
    }

    private static void Mode(FindingList found, string path, string? mode)
    {
        if (mode is not (null or "UNSET" or "DISABLE" or "PERMISSIVE" or "STRICT"))
            found.Error(path, mode, "There is no such mode.", Modes);
    }
}
