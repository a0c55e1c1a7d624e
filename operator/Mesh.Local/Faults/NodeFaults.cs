using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;

namespace Mesh.Local.Faults;

/// <summary>One node's share of the faults: its mangle tables, the queue of its bridge, the packets held for it. Written only when they change.</summary>
internal sealed class NodeFaults(NodeNetwork node, TimeProvider time, Random random) : IDisposable
{
    private readonly Dictionary<string, string> _tables = [];
    private string _classes = "";
    private HeldPackets? _held;

    /// <exception cref="IOException">The kernel refuses a rule.</exception>
    public async Task ApplyAsync(IReadOnlyList<FaultLink> links, bool hasNetem, CancellationToken cancellation)
    {
        var held = FaultRules.Held(links, hasNetem).ToDictionary(l => (ushort)l.Number, l => (l.Fault.DelayMilliseconds, l.Fault.JitterMilliseconds));
        if (held.Count > 0) _held ??= HeldPackets.Open(node.Namespace, time, random);
        // Queue and classes first: a rule must not send packets where nothing takes them.
        _held?.Set(held);
        await ClassesAsync(FaultRules.Classes(links, hasNetem), cancellation);
        await TableAsync("iptables-restore", FaultRules.Table(links, false, hasNetem), cancellation);
        if (NodeNetwork.HasIPv6) await TableAsync("ip6tables-restore", FaultRules.Table(links, true, hasNetem), cancellation);
    }

    public void Dispose() => _held?.Dispose();

    private async Task TableAsync(string tool, string table, CancellationToken cancellation)
    {
        if (_tables.GetValueOrDefault(tool) == table) return;
        _tables.Remove(tool);
        await Tool.RequireAsync(node.Namespace, [tool, "-w", "5"], table, cancellation);
        _tables[tool] = table;
    }

    private async Task ClassesAsync(string classes, CancellationToken cancellation)
    {
        if (classes == _classes) return;
        if (_classes.Length > 0) await Tool.RunAsync(node.Namespace, ["tc", "qdisc", "del", "dev", FaultRules.Bridge, "root"], null, cancellation);
        _classes = "";
        if (classes.Length > 0) await Tool.RequireAsync(node.Namespace, ["tc", "-batch", "-"], classes, cancellation);
        _classes = classes;
    }
}
