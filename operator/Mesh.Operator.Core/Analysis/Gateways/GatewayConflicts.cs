using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Gateways;

/// <summary>
/// Gateways for the same pods that claim one host on one port (IST0145), or serve hosts with one certificate, which has
/// clients reuse a connection for the wrong one (IST0138).
/// </summary>
internal sealed class GatewayConflicts : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var gateways = mesh.Of<GatewaySpec>().Select(gateway => (Gateway: gateway, Selector: LabelSet.Of(gateway.Spec.Selector))).ToList();
        foreach (var (gateway, selector) in gateways)
        {
            var others = gateways.Where(other => other.Gateway.Key != gateway.Key).ToList();
            for (var i = 0; i < gateway.Spec.Servers.Count; i++)
            {
                var server = gateway.Spec.Servers[i];
                if (others.FirstOrDefault(other => Meet(selector, other.Selector) && other.Gateway.Spec.Servers.Any(theirs => Collide(server, theirs))).Gateway is { } rival)
                    yield return Found.Error(FindingCodes.ConflictingGateways, gateway.Resource, $"spec.servers[{i}]", string.Join(", ", server.Hosts),
                        $"Gateway {rival.Key.Object} claims such a host on port {server.Port?.Number} of the same pods: which of them serves it is not defined.", "Put the servers into one Gateway, or give them different hosts or ports.");
                // Pods of the narrower one are all pods of this one too; the other way round they need not be.
                if (Credentials(server).Any() && others.FirstOrDefault(other => other.Selector.Satisfies(selector) && other.Gateway.Spec.Servers.Any(theirs => Credentials(theirs).Intersect(Credentials(server)).Any())).Gateway is { } twin)
                    yield return Found.Warning(FindingCodes.GatewayDuplicateCertificate, gateway.Resource, $"spec.servers[{i}].tls", string.Join(", ", Credentials(server)),
                        $"Gateway {twin.Key.Object} serves with the same certificate: an HTTP/2 client that has a connection for one of the hosts uses it for the other and gets 404.", "Put the hosts into one server, or give each a certificate of its own.");
            }
        }
    }

    private static bool Meet(LabelSet a, LabelSet b) => a.Satisfies(b) || b.Satisfies(a);

    private static bool Collide(GatewayServer a, GatewayServer b) =>
        a.Port?.Number is { } port && port == b.Port?.Number && (a.Bind ?? "") == (b.Bind ?? "") && a.Hosts.Any(host => b.Hosts.Any(other => HostPattern.Overlap(Name(host), Name(other))));

    private static string Name(string host) => host[(host.IndexOf('/', StringComparison.Ordinal) + 1)..].ToLowerInvariant();

    private static IEnumerable<string> Credentials(GatewayServer server) => server.Tls is not { } tls ? [] :
        tls.CredentialNames.Append(tls.CredentialName).Append(tls.ServerCertificate is { Length: > 0 } file ? $"{file} {tls.PrivateKey}" : null).OfType<string>().Where(name => name.Length > 0);
}
