using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Operator.Runtime.Tests;

public sealed class EventPublisherTests : IAsyncLifetime
{
    private ScriptedApi _api = null!;
    private KubernetesApi _client = null!;
    private EventPublisher _events = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ScriptedApi.StartAsync();
        _client = _api.Client();
        _events = new EventPublisher(_client, new OperatorSettings { Name = "test", Namespace = "d", Identity = "me" }, TimeProvider.System, NullLogger<EventPublisher>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task The_same_event_again_is_one_more_of_its_series()
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "d", Uid = "u" } };
        for (var i = 0; i < 3; i++) await _events.PublishAsync(pod, "Why", "What", EventType.Warning);
        var made = _api.Requests.Single(r => r.StartsWith("POST", StringComparison.Ordinal));
        Assert.StartsWith("POST apis/events.k8s.io/v1/namespaces/d/events", made);
        var name = _api.Requests.First(r => r.StartsWith("GET", StringComparison.Ordinal))[4..];
        var stored = _api.Stored(name)!;
        Assert.Equal(3, stored["series"]!["count"]!.GetValue<int>());
        Assert.Equal(("Why", "What", "Warning", "u"), ((string?)stored["reason"], (string?)stored["note"], (string?)stored["type"], (string?)stored["regarding"]!["uid"]));
    }

    [Fact]
    public async Task Other_words_are_another_event()
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "d", Uid = "u" } };
        await _events.PublishAsync(pod, "Why", "What");
        await _events.PublishAsync(pod, "Why", "What else");
        Assert.Equal(2, _api.Requests.Count(r => r.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_stops_nothing()
    {
        _api.Intercept = async context =>
        {
            await ScriptedApi.FailAsync(context, 403, "Forbidden");
            return true;
        };
        await _events.PublishAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "d", Uid = "u" } }, "Why", "What");
    }
}
