using System.Diagnostics;
using System.Net;
using System.Text;
using Mesh.Benchmarks.Convergence;
using Mesh.Sidecar.Identity;

namespace Mesh.Benchmarks.Scale;

/// <summary>API server, operator and crowd at a size, and the changes that are made to it.</summary>
internal sealed class ScaleMesh : IAsyncDisposable
{
    private const int AtOnce = 10;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RecordsPatience = TimeSpan.FromMinutes(3);

    private readonly ScaleSize _size;
    private readonly CrowdApi _api;
    private readonly OperatorProcess _operator;
    private readonly CrowdPort _port;
    private readonly Crowd<ReadOnlyMemory<byte>> _crowd;
    private readonly List<(string Pod, IPAddress Address)>[] _members;
    private int _addresses;
    private TrustBundle? _trust;

    private ScaleMesh(ScaleSize size, CrowdApi api, OperatorProcess @operator, CrowdPort port, Crowd<ReadOnlyMemory<byte>> crowd)
    {
        (_size, _api, _operator, _port, _crowd) = (size, api, @operator, port, crowd);
        _members = [.. Enumerable.Range(0, size.Services).Select(service => Enumerable.Range(0, size.Members).Select(pod => ($"{ScaleWorld.Name(service)}-{pod}-0", NextAddress())).ToList())];
    }

    public static async Task<ScaleMesh> StartAsync(ScaleSize size)
    {
        var api = await CrowdApi.StartAsync(Enumerable.Range(0, ScaleWorld.Namespaces(size.Services)).Select(ScaleWorld.Namespace));
        var crowd = new Crowd<ReadOnlyMemory<byte>>();
        var port = await CrowdPort.OpenAsync(crowd.At);
        return new ScaleMesh(size, api, await OperatorProcess.StartAsync(api.Server.CountedKubeconfig), port, crowd);
    }

    /// <summary>Everything made, until the last proxy has a config and every record is written.</summary>
    public Task<ScalePhase> GrowAsync() => PhaseAsync("all pods made", _size.Pods, async phase =>
    {
        await EachAsync(_size.Services, async service =>
        {
            await _api.ApplyAsync(ScaleWorld.ServicePath(service), ScaleWorld.Service(service));
            await _api.ApplyAsync(ScaleWorld.SlicePath(service), ScaleWorld.Slice(service, _members[service]));
            if (!ScaleWorld.HasRules(service)) return;
            await _api.ApplyAsync(ScaleWorld.RulePath("destinationrules", service), ScaleWorld.DestinationRule(service));
            await _api.ApplyAsync(ScaleWorld.RulePath("virtualservices", service), ScaleWorld.VirtualService(service, "first"));
        });
        _trust = await _api.TrustAsync(ScaleWorld.Namespace(0));
        await EachAsync(_size.Pods, async i =>
        {
            var (service, number) = (i / _size.Members, i % _size.Members);
            var (pod, address) = _members[service][number];
            await AddAsync(service, number, pod, address);
            if (i % 500 == 499) Say(phase, $"{i + 1} pods, {_crowd.ReadyCount} proxies have a config");
        });
        await _crowd.ReadyAsync();
        Say(phase, "every proxy has a config");
        await RecordsAsync();
        Say(phase, "every record is written");
    });

    /// <summary>A route's header changes.</summary>
    public Task<ScalePhase> RoutesAsync(int rounds) => PhaseAsync("a route", rounds, phase => RoundsAsync(phase, rounds, round =>
    {
        var mark = $"route-{round}-changed";
        return _crowd.ObeyedAsync(Holds(mark), () => _api.ApplyAsync(ScaleWorld.RulePath("virtualservices", 0), ScaleWorld.VirtualService(0, mark)));
    }));

    /// <summary>A Service gets another endpoint in place of the last round's.</summary>
    public Task<ScalePhase> EndpointsAsync(int rounds) => PhaseAsync("an endpoint", rounds, phase => RoundsAsync(phase, rounds, round =>
    {
        var address = NextAddress();
        return _crowd.ObeyedAsync(Holds(Quoted(address)), () => _api.ApplyAsync(ScaleWorld.SlicePath(0), ScaleWorld.Slice(0, _members[0].Append(($"elsewhere-{round}", address)))));
    }));

    /// <summary>Pods of many Services made anew, ten Services at a time, each pod by pod: the new one ready, then in the slice, then the old one gone.</summary>
    public Task<ScalePhase> RestartAsync(int pods) => PhaseAsync($"{pods} pods restarted", 1, async phase =>
    {
        var services = pods / _size.Members;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(1, services - 1), parallel, async (service, _) =>
        {
            for (var number = 0; number < _size.Members; number++) await ReplaceAsync(phase, service, number, PutAsync);
        });
        for (var number = 0; number < _size.Members; number++)
        {
            await ReplaceAsync(phase, services, number, async service =>
            {
                var (_, last) = await _crowd.ObeyedAsync(Holds(Quoted(_members[service][number].Address)), () => PutAsync(service));
                if (number == _size.Members - 1) phase.Last.Add(last.TotalMilliseconds);
            });
        }

        Say(phase, "every proxy knows the last new pod");
    });

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _crowd.DisposeAsync();
        await _port.DisposeAsync();
        _api.Dispose();
    }

    private async Task ReplaceAsync(Measured phase, int service, int number, Func<int, Task> put)
    {
        var old = _members[service][number];
        var made = ($"{ScaleWorld.Name(service)}-{number}-1", NextAddress());
        var started = Stopwatch.GetTimestamp();
        var member = await AddAsync(service, number, made.Item1, made.Item2);
        await member.First.WaitAsync(TimeSpan.FromMinutes(2));
        lock (phase.FirstConfigs) phase.FirstConfigs.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        _members[service][number] = made;
        await put(service);
        await _api.DeleteAsync($"api/v1/namespaces/{ScaleWorld.NamespaceOf(service)}/pods/{old.Pod}?gracePeriodSeconds=0");
        await _crowd.RemoveAsync(old.Address);
    }

    private async Task<AcknowledgingSidecar> AddAsync(int service, int number, string pod, IPAddress address)
    {
        var ns = ScaleWorld.NamespaceOf(service);
        var uid = await _api.PodAsync(ns, pod, $""" "app": "{ScaleWorld.Name(service)}", "version": "v{1 + (number % 2)}", "pod-template-hash": "7d5b6c9f8" """, address.ToString());
        var member = new AcknowledgingSidecar(new PodIdentity(uid, ns, pod, "default", "0.0.0"), _trust!, await _api.TokenFileAsync(ns, pod, uid), TimeProvider.System, new Random(_addresses));
        _crowd.Add(address, member);
        return member;
    }

    private Task PutAsync(int service) => _api.ApplyAsync(ScaleWorld.SlicePath(service), ScaleWorld.Slice(service, _members[service]));

    private static async Task RoundsAsync(Measured phase, int rounds, Func<int, Task<(long Start, TimeSpan Last)>> change)
    {
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(Quiet);
            var (_, last) = await change(round);
            phase.Last.Add(last.TotalMilliseconds);
            Say(phase, FormattableString.Invariant($"last acknowledgement after {last.TotalMilliseconds:0} ms"));
        }
    }

    /// <summary>Until no record was written for a while.</summary>
    private async Task RecordsAsync()
    {
        var (patience, before, since) = (Stopwatch.StartNew(), -1.0, Stopwatch.StartNew());
        while (since.Elapsed < TimeSpan.FromSeconds(3) && patience.Elapsed < RecordsPatience)
        {
            var now = await _operator.ValueAsync("mesh_operator_record_writes");
            if (now != before) (before, since) = (now, Stopwatch.StartNew());
            await Task.Delay(250);
        }
    }

    private async Task<ScalePhase> PhaseAsync(string change, int times, Func<Measured, Task> make)
    {
        var measured = new Measured(change);
        var (writes, cpu) = (await _api.Server.WritesAsync(), _operator.Processor());
        var (plans, planned, pushes) = (await _operator.ValueAsync("mesh_operator_plan_duration_count"), await _operator.ValueAsync("mesh_operator_plan_duration_sum"), await _operator.BucketsAsync("mesh_operator_push_duration"));
        await make(measured);
        // What a change still costs afterwards (status, the first of its records) is its own.
        await Task.Delay(Quiet);
        var made = await _operator.ValueAsync("mesh_operator_plan_duration_count") - plans;
        var (half, most) = Shares.Of(pushes, await _operator.BucketsAsync("mesh_operator_push_duration"));
        var resident = _operator.Resident();
        return new ScalePhase
        {
            Change = change,
            Times = times,
            Last = measured.Last,
            FirstConfigs = measured.FirstConfigs,
            PushP50 = Finite(half),
            PushP99 = Finite(most),
            Plans = made,
            PlanMean = made == 0 ? 0 : (await _operator.ValueAsync("mesh_operator_plan_duration_sum") - planned) / made * 1000,
            Seconds = measured.Watch.Elapsed.TotalSeconds,
            CpuSeconds = (_operator.Processor() - cpu).TotalSeconds,
            Resident = resident.Now,
            Most = resident.Most,
            Writes = (await _api.Server.WritesAsync()).Select(pair => KeyValuePair.Create(pair.Key, pair.Value - writes.GetValueOrDefault(pair.Key))).Where(pair => pair.Value > 0).ToDictionary(),
        };
    }

    // JSON knows no other.
    private static double Finite(double value) => double.IsFinite(value) ? value : -1;

    private IPAddress NextAddress() => Interlocked.Increment(ref _addresses) is var n ? new([127, (byte)(1 + (n / 62500)), (byte)(n / 250 % 250), (byte)(1 + (n % 250))]) : null!;

    private static string Quoted(IPAddress address) => $"\"{address}\"";

    private static Func<ReadOnlyMemory<byte>, bool> Holds(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return document => document.Span.IndexOf(bytes) >= 0;
    }

    private static Task EachAsync(int count, Func<int, Task> work) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await work(i));

    private static void Say(Measured phase, string what) => Console.Error.WriteLine(FormattableString.Invariant($"{phase.Watch.Elapsed.TotalSeconds,6:0.0} s  {phase.Change}: {what}"));

    private sealed record Measured(string Change)
    {
        public Stopwatch Watch { get; } = Stopwatch.StartNew();

        public List<double> Last { get; } = [];

        public List<double> FirstConfigs { get; } = [];
    }
}
