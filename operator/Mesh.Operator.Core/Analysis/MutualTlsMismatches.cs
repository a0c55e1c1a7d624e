using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Where clients and servers were told different things about mutual TLS: of each DestinationRule the first pod it fails at, for each place in it.</summary>
internal sealed class MutualTlsMismatches
{
    private readonly List<MutualTlsMismatch> all;

    public MutualTlsMismatches(PlanParts parts) =>
        all = [.. parts.Policies.Entries.Where(entry => entry.IsValid).SelectMany(entry => Of(entry, parts)).DistinctBy(mismatch => (mismatch.DestinationRule, mismatch.Path))];

    public IEnumerable<MutualTlsMismatch> OfClients(RuleKey destinationRule) => all.Where(mismatch => mismatch.DestinationRule == destinationRule);

    public IEnumerable<MutualTlsMismatch> OfServers(RuleKey peerAuthentication) => all.Where(mismatch => mismatch.PeerAuthentications.Items.Contains(peerAuthentication));

    private static IEnumerable<MutualTlsMismatch> Of(PolicyEntry entry, PlanParts parts)
    {
        var spec = entry.Rule.Spec;
        var places = Places("spec.trafficPolicy", spec.TrafficPolicy, LabelSet.Empty)
            .Concat(spec.Subsets.SelectMany((subset, i) => Places($"spec.subsets[{i}].trafficPolicy", subset.TrafficPolicy, LabelSet.Of(subset.Labels)))).ToList();
        if (places.Count == 0) yield break;
        foreach (var service in parts.Directory.All.Where(service => HostPattern.IsWithin(service.Host, entry.Host)))
        {
            foreach (var (path, port, tls, labels) in places)
            {
                foreach (var group in parts.Endpoints[service].Groups.Where(group => port is null || group.Port == port))
                {
                    // A port's own settings take the place of those of the whole.
                    if (port is null && places.Any(other => other.Port == group.Port && other.Labels.Equals(labels))) continue;
                    foreach (var member in group.Endpoints.Where(member => LabelSet.Of(member.Labels).Satisfies(labels)))
                        if (Refused(tls, member, service, parts) is { } rules)
                            yield return new MutualTlsMismatch(entry.Rule.Key, path, tls.Mode ?? "DISABLE", new ObjectKey(service.Key.Namespace, member.Pod), member.Port, rules);
                }
            }
        }
    }

    /// <summary>Which rules have the member refuse such clients; null if it does not.</summary>
    private static ValueArray<RuleKey>? Refused(ClientTlsSettings tls, Endpoint member, Service service, PlanParts parts)
    {
        var workload = member.Pod.Length == 0 ? null : parts.Snapshot.Workloads.GetValueOrDefault(new ObjectKey(service.Key.Namespace, member.Pod));
        switch (TlsTranslator.MutualTls(tls, autoMutualTls: true))
        {
            case ClientMutualTls.Never when workload is { IsInMesh: true } && workload.Capture.Captures(member.Port):
                var peers = parts.Peers.For(workload);
                return peers.Policy.ModeOf(member.Port) == MutualTlsMode.Strict ? peers.Rules : null;
            case ClientMutualTls.Always when !member.MutualTls:
                return workload is not null && parts.Snapshot.HasIdentity(workload) ? parts.Peers.For(workload).Rules : [];
            default:
                return null;
        }
    }

    private static IEnumerable<(string Path, int? Port, ClientTlsSettings Tls, LabelSet Labels)> Places(string path, TrafficPolicy? policy, LabelSet labels)
    {
        if (policy?.Tls is { } whole) yield return ($"{path}.tls", null, whole, labels);
        for (var i = 0; i < (policy?.PortLevelSettings.Count ?? 0); i++)
            if (policy!.PortLevelSettings[i] is { Tls: { } tls, Port.Number: { } port }) yield return ($"{path}.portLevelSettings[{i}].tls", (int)port, tls, labels);
    }
}
