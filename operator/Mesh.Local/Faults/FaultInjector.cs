using System.Collections.Immutable;
using Mesh.Local.Controllers;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Faults;

/// <summary>Keeps the faults in force: in every node's rules at once when one is made or removed, and again whenever pods come and go.</summary>
internal sealed class FaultInjector(MeshNodes nodes, ClusterView view, TimeProvider time, Random random, ILogger log) : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly FaultSelector _selector = new(view, nodes);
    private readonly Dictionary<string, NodeFaults> _nodes = nodes.All.ToDictionary(n => n.Identity.Name, n => new NodeFaults(n.Network, time, random));
    private ImmutableArray<(int Number, Fault Fault)> _faults = [];
    private int _last;
    private bool? _hasNetem;

    public ImmutableArray<FaultInForce> InForce => [.. Links(_faults).Select(l => new FaultInForce(l.Fault, Count(l.From), Count(l.To)))];

    /// <summary>Makes the fault and returns it with its name; when this machine refuses its rules, nothing is changed.</summary>
    /// <exception cref="FaultException">It names nobody, its name is taken, or the machine cannot do it.</exception>
    public async Task<Fault> AddAsync(Fault fault, CancellationToken cancellation)
    {
        if (fault.Problem() is { } problem) throw new FaultException(problem);
        _selector.Addresses(fault.From, fault.Namespace);
        _selector.Addresses(fault.To, fault.Namespace);
        await _applying.WaitAsync(cancellation);
        try
        {
            var number = ++_last;
            var named = fault with { Name = fault.Name.Length > 0 ? fault.Name : $"{fault.Kind}-{number}" };
            if (_faults.Any(f => f.Fault.Name == named.Name)) throw new FaultException($"a fault {named.Name} is there already");
            var before = _faults;
            _faults = [.. before, (number, named)];
            try
            {
                await ApplyAsync(cancellation);
            }
            catch (IOException e)
            {
                _faults = before;
                await ApplyAsync(cancellation);
                throw new FaultException($"this machine cannot do it: {e.Message}");
            }

            return named;
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Removes the fault named, or all for null; returns how many.</summary>
    public async Task<int> RemoveAsync(string? name, CancellationToken cancellation)
    {
        await _applying.WaitAsync(cancellation);
        try
        {
            var before = _faults.Length;
            _faults = name is null ? [] : [.. _faults.Where(f => f.Fault.Name != name)];
            if (_faults.Length != before) await ApplyAsync(cancellation);
            return before - _faults.Length;
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Follows the pods until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        view.Pods.Changed += (before, now) =>
        {
            if (!_faults.IsEmpty && before?.Status?.PodIP != now?.Status?.PodIP && _changed.CurrentCount == 0) _changed.Release();
        };
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await _changed.WaitAsync(cancellation);
                await Task.Delay(Quiet, time, cancellation);
                await FollowAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        foreach (var node in _nodes.Values) node.Dispose();
        _applying.Dispose();
        _changed.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        await _applying.WaitAsync(cancellation);
        try
        {
            await ApplyAsync(cancellation);
        }
        catch (IOException e)
        {
            log.LogWarning("Faults could not be brought up to date: {Why}", e.Message);
        }
        finally
        {
            _applying.Release();
        }
    }

    private async Task ApplyAsync(CancellationToken cancellation)
    {
        var links = Links(_faults);
        var netem = _hasNetem ??= await HasNetemAsync(nodes.All[0].Network, cancellation);
        await Task.WhenAll(_nodes.Values.Select(node => node.ApplyAsync(links, netem, cancellation)));
    }

    private ImmutableArray<FaultLink> Links(ImmutableArray<(int Number, Fault Fault)> faults) =>
        [.. faults.Select(f => new FaultLink(f.Number, f.Fault, Now(f.Fault.From, f.Fault), Now(f.Fault.To, f.Fault)))];

    private ImmutableArray<string>? Now(string words, Fault fault)
    {
        try
        {
            return _selector.Addresses(words, fault.Namespace);
        }
        catch (FaultException)
        {
            return []; // Those meant are gone for now; they may come again.
        }
    }

    private static int Count(ImmutableArray<string>? addresses) => addresses is { } some ? some.Count(a => !a.Contains(':')) : -1;

    /// <summary>Asked of the kernel itself, for a module that is not there yet may be loaded by the question.</summary>
    private static async Task<bool> HasNetemAsync(NodeNetwork node, CancellationToken cancellation)
    {
        var made = await Tool.RunAsync(node.Namespace, ["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"], null, cancellation);
        if (made.ExitCode != 0) return false;
        await Tool.RequireAsync(node.Namespace, ["tc", "qdisc", "del", "dev", "lo", "root"], null, cancellation);
        return true;
    }
}
