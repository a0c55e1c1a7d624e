using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Services;

/// <summary>ServiceEntries that say different things about what one port of one host speaks, to the same clients (IST0177).</summary>
internal sealed class EntryProtocols : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var ports = mesh.Snapshot.ServiceEntries.Values
            .SelectMany(entry => entry.Spec.Hosts.SelectMany(host => entry.Spec.Ports.Select((port, i) => (Host: host.ToLowerInvariant(), port.Number, Protocol: (port.Protocol ?? "").ToUpperInvariant(), Index: i, Entry: entry))))
            .Where(port => port.Protocol.Length > 0)
            .GroupBy(port => (port.Host, port.Number));
        foreach (var group in ports)
        {
            var same = group.ToList();
            foreach (var port in same)
            {
                var rival = same.FirstOrDefault(other => other.Protocol != port.Protocol && other.Entry != port.Entry && Meet(port.Entry, other.Entry));
                if (rival.Entry is null) continue;
                yield return Found.Warning(FindingCodes.ConflictingServiceEntryProtocol, port.Entry.Key.ToString(), $"spec.ports[{port.Index}].protocol", port.Protocol,
                    $"ServiceEntry {rival.Entry.Key.Object} says {rival.Protocol} of port {port.Number} of {port.Host}; clients that see both follow the older only.",
                    "Let both say the same, or limit them with exportTo to different namespaces.");
            }
        }
    }

    private static bool Meet(Rule<ServiceEntrySpec> a, Rule<ServiceEntrySpec> b) => Visibility.Overlap(a.Spec.ExportTo, a.Namespace, b.Spec.ExportTo, b.Namespace);
}
