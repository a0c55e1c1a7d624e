using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis.Policies;

/// <summary>
/// How connections begin, where nobody understands it or nothing begins that way: a PROXY header to pods whose sidecars would
/// take it for a broken request (MESH0039), a tunnel on services that speak only HTTP (MESH0010).
/// </summary>
internal sealed class Openings : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        foreach (var policy in mesh.Parts.Policies.Entries.Where(entry => entry.IsValid))
        {
            if (mesh.Parts.Directory.Find(policy.Host) is not { } service) continue;
            var resource = policy.Rule.Key.ToString();
            if (mesh.Parts.Endpoints[service].Groups.SelectMany(group => group.Endpoints).FirstOrDefault(member => member.MutualTls) is { } member)
            {
                foreach (var (path, settings) in Policies(policy.Rule.Spec, part => part.ProxyProtocol))
                    yield return Found.Warning(FindingCodes.ProxyHeaderToSidecar, resource, $"{path}.proxyProtocol", settings.Version,
                        $"Pods of {service.Host} have sidecars ({member.Pod}), which read no PROXY header: connections to them fail.",
                        "Remove it; the sidecar there knows its caller. The header is for servers outside the mesh.");
            }

            if (service.Ports.Count == 0 || !service.Ports.Items.All(port => port.SpeaksHttp)) continue;
            foreach (var (path, settings) in Policies(policy.Rule.Spec, part => part.Tunnel))
                yield return Found.Warning(FindingCodes.NoEffect, resource, $"{path}.tunnel", settings.TargetHost,
                    $"Every port of {service.Host} speaks HTTP, and only opaque connections are tunnelled, so this has no effect.",
                    "Declare the port as TCP or TLS.");
        }
    }

    private static IEnumerable<(string Path, T Settings)> Policies<T>(DestinationRuleSpec spec, Func<TrafficPolicy, T?> part)
        where T : class =>
        spec.Subsets.Select((subset, i) => (Path: $"spec.subsets[{i}].trafficPolicy", Policy: subset.TrafficPolicy))
            .Prepend((Path: "spec.trafficPolicy", Policy: spec.TrafficPolicy))
            .Where(place => place.Policy is not null && part(place.Policy) is not null)
            .Select(place => (place.Path, part(place.Policy!)!));
}
