using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Webhooks;

/// <summary>What stands around the operator and bears on injection: other meshes' injectors, and the cluster's version.</summary>
[EntityRbac(typeof(V1MutatingWebhookConfiguration), Verbs = RbacVerb.List)]
public sealed class Surroundings(IKubernetesClient client, Debounce changes, ILogger<Surroundings> log)
{
    private volatile InjectionScope _scope = InjectionScope.Everyone;
    private volatile string _version = "";

    /// <summary>Whom the injector answers.</summary>
    public InjectionScope Scope => _scope;

    /// <summary>The API server's version; empty until it was asked.</summary>
    public string ClusterVersion => _version;

    /// <summary>Looks anew.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var version = await client.VersionAsync(cancellationToken);
        if (version != _version && NativeSidecars.Refusal(version) is { } refusal) log.LogError("No pod gets a sidecar: {Reason}", refusal);
        _version = version;

        var scope = InjectionScope.Beside(await client.ListAsync<V1MutatingWebhookConfiguration>(cancellationToken: cancellationToken));
        if (scope == _scope) return;
        _scope = scope;
        if (scope.IsEveryone) log.LogInformation("{Scope}", Describe(scope));
        else log.LogWarning("{Scope}", Describe(scope));
        // Which namespaces hold the roots depends on it.
        changes.Signal();
    }

    /// <summary>For people.</summary>
    public static string Describe(InjectionScope scope) => scope.IsEveryone
        ? "No other mesh's injector is here: every namespace and pod that asks for a sidecar gets this mesh's."
        : $"Another mesh's injector is here ({string.Join(", ", scope.Others)}): only namespaces and pods labelled {Api.MeshLabels.Revision}={Api.MeshLabels.OwnRevision} get this mesh's sidecar; {Api.MeshLabels.Injection}={Api.MeshLabels.InjectionEnabled} is answered by the other.";
}
