using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Credentials;

/// <summary>Where a DestinationRule names a credential that sidecars are to use.</summary>
internal static class CredentialPlaces
{
    /// <summary>Field path of each TLS setting that names one; none in a rule for everyone, whose Secret is for gateways.</summary>
    public static IEnumerable<(string Path, ClientTlsSettings Tls)> Of(DestinationRuleSpec spec) =>
        spec.WorkloadSelector?.MatchLabels is not { Count: > 0 } ? [] : Policies(spec).SelectMany(place => Settings(place.Path, place.Policy)).Where(place => Names(place.Tls));

    private static bool Names(ClientTlsSettings tls) => tls is { Mode: "SIMPLE" or "MUTUAL", CredentialName.Length: > 0 };

    private static IEnumerable<(string Path, TrafficPolicy Policy)> Policies(DestinationRuleSpec spec)
    {
        if (spec.TrafficPolicy is { } whole) yield return ("spec.trafficPolicy", whole);
        for (var i = 0; i < spec.Subsets.Count; i++)
            if (spec.Subsets[i].TrafficPolicy is { } policy) yield return ($"spec.subsets[{i}].trafficPolicy", policy);
    }

    private static IEnumerable<(string Path, ClientTlsSettings Tls)> Settings(string path, TrafficPolicy policy)
    {
        if (policy.Tls is { } tls) yield return ($"{path}.tls", tls);
        for (var i = 0; i < policy.PortLevelSettings.Count; i++)
            if (policy.PortLevelSettings[i].Tls is { } atPort) yield return ($"{path}.portLevelSettings[{i}].tls", atPort);
    }
}
