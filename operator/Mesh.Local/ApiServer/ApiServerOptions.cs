using System.Collections.Immutable;
using System.Net;

namespace Mesh.Local.ApiServer;

/// <summary>What an embedded API server is told when it starts.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Where to listen. Port 0 takes a free one; <see cref="EmbeddedApiServer.EndPoints"/> tells which.</summary>
    public ImmutableArray<IPEndPoint> Listen { get; init; } = [];

    /// <summary>
    /// Sockets that are bound already, by their descriptors; the server listens on them and owns them from then on. So a
    /// server can stand in another network namespace than its process.
    /// </summary>
    public ImmutableArray<nint> ListenHandles { get; init; } = [];

    /// <summary>
    /// Keeps the certificate authority, the admin's certificate and the token key, so that kubeconfigs written before a
    /// restart stay good. Private to its owner.
    /// </summary>
    public required string StateDirectory { get; init; }

    /// <summary>
    /// The file in which every write is kept, so that a server started with it again has the same objects, and revisions go
    /// on; null: objects are gone with the server.
    /// </summary>
    public string? KeepObjectsAt { get; init; }

    /// <summary>Where the Service "kubernetes" leads, when that is not the first address listened on.</summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>Further names and addresses the serving certificate is good for, beside those listened on.</summary>
    public ImmutableArray<string> SubjectNames { get; init; } = [];

    /// <summary>How the server reaches webhooks; null: through this process's own sockets and resolver.</summary>
    public ApiServerDial? Dial { get; init; }

    /// <summary>The nodes' end of logs, exec, attach and port-forward; null: the server says that no node is there.</summary>
    public PodStreams? Pods { get; init; }

    /// <summary>Addresses for Services of type ClusterIP, in CIDR form.</summary>
    public string ServiceAddresses { get; init; } = "10.96.0.0/16";

    /// <summary>Each namespace gets the ConfigMap kube-root-ca.crt, as where a controller manager runs.</summary>
    public bool PublishRootCertificate { get; init; } = true;

    /// <summary>
    /// How long after a namespace's deletion its content stays (a cluster with several API servers waits, so that all know);
    /// what is in it can be changed until then.
    /// </summary>
    public TimeSpan NamespaceDeletionDelay { get; init; } = TimeSpan.Zero;

    /// <summary>What owners left behind goes, and the deletions that wait for it end, as where a controller manager runs.</summary>
    public bool CollectGarbage { get; init; } = true;

    /// <summary>Told of faults of the server itself (a request then gets a 500, a controller goes on with the next change).</summary>
    public Action<Exception>? Fault { get; init; }

    /// <summary>Told of each request for objects that was answered; for counting who asks for what. Null: nobody is.</summary>
    public Action<ApiCall>? Answered { get; init; }

    /// <summary>How many past writes of a kind a watch can start from.</summary>
    public int WatchWindow { get; init; } = 16384;

    /// <summary>How long a request may take to arrive when it comes slowly or stops coming.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
