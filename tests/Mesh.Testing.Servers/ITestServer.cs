namespace Mesh.Testing.Servers;

/// <summary>
/// An API server that a suite runs against. What enters: nothing but what its owner says of it here. What leaves: a
/// kubeconfig and what the server can do. What never happens: a test that asks which server it is; it asks for an ability, and
/// is skipped with that reason where the server lacks it.
/// </summary>
public interface ITestServer : IAsyncDisposable
{
    /// <summary>For an administrator.</summary>
    string Kubeconfig { get; }

    /// <summary>The name or address under which the server reaches a webhook on this machine; null: it cannot.</summary>
    string? WebhookHost { get; }

    /// <summary>Whether somebody carries out Deployments, owner references, namespaces and the like.</summary>
    bool RunsControllers { get; }

    /// <summary>An image with a shell that its nodes can run; null: there are no nodes.</summary>
    string? Image { get; }
}
