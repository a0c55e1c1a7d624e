using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>
/// One mesh for all tests of this project, started as a newcomer starts it and ended when they are done. What enters are the
/// built programs and the committed samples; what is looked at is what a user sees: kubectl, the page, status. No type of the
/// product is called here. The first test that asks starts it; where this machine cannot, each test skips with the reason.
/// </summary>
public sealed class RunningMesh : IAsyncLifetime
{
    private readonly SemaphoreSlim _once = new(1, 1);
    private LocalMesh? _mesh;
    private Identity.IdentityStage? _identity;

    /// <summary>The mesh, with bookinfo ready and no route but the sample's destination rules.</summary>
    public async Task<LocalMesh> Ready()
    {
        Needs.Netns();
        await _once.WaitAsync();
        try
        {
            _mesh ??= LocalMesh.Start("e2e");
        }
        finally
        {
            _once.Release();
        }
        _mesh.RemoveRules();
        return _mesh;
    }

    /// <summary>The mesh with the workloads of the identity tests beside bookinfo, and no PeerAuthentication.</summary>
    public async Task<Identity.IdentityStage> Identity()
    {
        var mesh = await Ready();
        _identity ??= EndToEnd.Tests.Identity.IdentityStage.Apply(mesh);
        _identity.RemoveRules();
        return _identity;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _mesh?.Dispose();
        _once.Dispose();
        return ValueTask.CompletedTask;
    }
}
