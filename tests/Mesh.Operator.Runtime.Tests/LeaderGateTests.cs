using System.Text.Json.Nodes;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Operator.Runtime.Tests;

public sealed class LeaderGateTests : IAsyncLifetime
{
    private const string Lease = "apis/coordination.k8s.io/v1/namespaces/d/leases/test";
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly List<LeaderGate> _gates = [];
    private ScriptedApi _api = null!;
    private KubernetesApi _client = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ScriptedApi.StartAsync();
        _client = _api.Client();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates)
        {
            await gate.StopAsync(CancellationToken.None);
            gate.Dispose();
        }

        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_free_lease_is_taken_at_once()
    {
        var gate = await StartAsync("one");
        await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("one", Holder());
    }

    [Fact]
    public async Task Each_change_of_leader_makes_the_number_of_the_term_higher()
    {
        var first = await StartAsync("one");
        await first.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, first.Epoch);
        await first.StopAsync(CancellationToken.None);
        var second = await StartAsync("two");
        await second.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, second.Epoch);
    }

    [Fact]
    public async Task A_lease_that_counts_anew_is_raised_above_what_was_seen()
    {
        var gate = await StartAsync("one");
        await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        var raised = gate.RaiseAboveAsync(41, CancellationToken.None);
        await Eventually.True(() => gate.Epoch == 42, "the term is raised");
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(42, await raised.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(41, _api.Stored(Lease)!["spec"]!["leaseTransitions"]!.GetValue<int>());
        await PassAsync(TimeSpan.FromSeconds(6));
        Assert.True(gate.IsLeading);
        Assert.Equal(42, gate.Epoch);
    }

    [Fact]
    public async Task A_held_lease_is_taken_when_it_has_not_changed_for_its_whole_duration()
    {
        Hold("dead", 15);
        var gate = await StartAsync("two");
        await PassAsync(TimeSpan.FromSeconds(13));
        Assert.False(gate.IsLeading);
        Assert.Equal("dead", Holder());
        await PassAsync(TimeSpan.FromSeconds(6));
        await Eventually.True(() => gate.IsLeading, "two leads");
        Assert.Equal("two", Holder());
        Assert.Equal(1, _api.Stored(Lease)!["spec"]!["leaseTransitions"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_lease_that_is_being_renewed_is_left_to_its_holder()
    {
        Hold("alive", 15);
        var gate = await StartAsync("two");
        for (var i = 0; i < 6; i++)
        {
            await PassAsync(TimeSpan.FromSeconds(8));
            Hold("alive", 15);
        }

        Assert.False(gate.IsLeading);
    }

    [Fact]
    public async Task A_process_under_the_holders_name_leads_at_once()
    {
        Hold("local", 3600);
        var gate = await StartAsync("local");
        await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task On_the_way_out_the_lease_is_released()
    {
        var gate = await StartAsync("one");
        var term = await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        await gate.StopAsync(CancellationToken.None);
        Assert.True(term.IsCancellationRequested);
        Assert.Equal("", Holder());
        var next = await StartAsync("two");
        await next.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_cannot_renew_stops_before_another_may_begin()
    {
        var gate = await StartAsync("one");
        var term = await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        _api.Intercept = async context =>
        {
            await ScriptedApi.FailAsync(context, 500, "InternalError");
            return true;
        };
        await PassAsync(TimeSpan.FromSeconds(14));
        await Eventually.True(() => term.IsCancellationRequested && !gate.IsLeading, "the term ends");
        _api.Intercept = null;
    }

    [Fact]
    public async Task A_server_that_never_answers_does_not_keep_a_term_alive_past_its_lease()
    {
        var gate = await StartAsync("one");
        var term = await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        _api.Intercept = async context =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        // Nobody else may begin before 15 s have passed.
        await PassAsync(TimeSpan.FromSeconds(14));
        await Eventually.True(() => term.IsCancellationRequested && !gate.IsLeading, "the term ends");
        _api.Intercept = null;
    }

    [Fact]
    public async Task A_lease_taken_by_another_ends_the_term()
    {
        var gate = await StartAsync("one");
        var term = await gate.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        Hold("two", 15);
        await PassAsync(TimeSpan.FromSeconds(7));
        await Eventually.True(() => term.IsCancellationRequested, "the term ends");
        Assert.Equal("two", Holder());
    }

    private string? Holder() => _api.Stored(Lease)?["spec"]!["holderIdentity"]?.GetValue<string>();

    private void Hold(string who, int seconds) => _api.Store(Lease, JsonNode.Parse(
        $$"""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"test","namespace":"d"},"spec":{"holderIdentity":"{{who}}","leaseDurationSeconds":{{seconds}},"leaseTransitions":0,"renewTime":"2026-01-01T00:00:00.000000Z"} }""")!.AsObject());

    private async Task<LeaderGate> StartAsync(string identity)
    {
        var settings = new OperatorSettings { Name = "test", Namespace = "d", Identity = identity, LeaseDuration = TimeSpan.FromSeconds(15) };
        var gate = new LeaderGate(_client, settings, _time, new Random(1), NullLogger<LeaderGate>.Instance);
        _gates.Add(gate);
        var before = _api.Requests.Count;
        await gate.StartAsync(CancellationToken.None);
        await Eventually.True(() => _api.Requests.Count > before, "the first look at the lease");
        return gate;
    }

    /// <summary>Lets fake time pass in steps, with real time between them for the requests they cause.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(250))
        {
            await Task.Delay(8);
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await Task.Delay(30);
    }
}
