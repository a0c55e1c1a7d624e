namespace Mesh.Operator.Tests.Control;

/// <summary>What tests of the control port stand on: an API server, pods whose sidecars speak it, and a service; operators are the tests' own to start.</summary>
public abstract class ControlStage(bool withService = true, bool keeps = false) : IAsyncLifetime
{
    private protected EmbeddedCluster _cluster = null!;
    private protected ControlFixture _pods = null!;

    public virtual async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(keeps: keeps);
        _pods = new ControlFixture(_cluster);
        if (!withService) return;
        await _cluster.Api.CreateAsync(Make.Service("reviews"));
        await _cluster.Api.CreateAsync(Make.Slice("reviews", "10.1.0.7"));
    }

    public async ValueTask DisposeAsync()
    {
        await _pods.DisposeAsync();
        await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
