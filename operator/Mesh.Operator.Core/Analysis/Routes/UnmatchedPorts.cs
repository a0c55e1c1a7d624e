using Mesh.Api;
using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Core.Analysis.Routes;

/// <summary>Matches for a port that none of the rule's hosts has, or that does not speak HTTP (MESH0010).</summary>
internal sealed class UnmatchedPorts : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) => mesh.Parts.Rules.Entries.Where(entry => entry.RoutesHttp).SelectMany(entry => Of(entry, mesh.Parts.Directory));

    private static IEnumerable<Finding> Of(VirtualServiceEntry entry, ServiceDirectory directory)
    {
        // A host that is no service may be called at any port.
        var services = entry.Hosts.Select(host => directory.Find(host)).ToList();
        if (services.Any(service => service is null) || !entry.Rule.Spec.Gateways.All(gateway => gateway == MeshNames.MeshGateway)) yield break;
        var ports = services.SelectMany(service => service!.Ports.Items).ToList();
        for (var i = 0; i < entry.Rule.Spec.Http.Count; i++)
        {
            for (var j = 0; j < entry.Rule.Spec.Http[i].Match.Count; j++)
            {
                if (entry.Rule.Spec.Http[i].Match[j].Port is not { } number || ports.Any(port => port.Port == number && port.SpeaksHttp)) continue;
                var isThere = ports.Any(port => port.Port == number);
                yield return Found.Warning(FindingCodes.NoEffect, entry.Rule.Key.ToString(), $"spec.http[{i}].match[{j}].port", number,
                    isThere ? $"Port {number} of {string.Join(", ", entry.Hosts)} is declared not to speak HTTP, so http rules never meet what goes there." : $"No host of the rule has port {number} (there are {string.Join(", ", ports.Select(port => port.Port).Distinct())}), so this never matches.",
                    isThere ? "If it does, begin its name in the Service with http-, http2- or grpc-, or set appProtocol." : "Correct the port: it is the Service's that the client calls, not the pod's.");
            }
        }
    }
}
