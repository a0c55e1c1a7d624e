using Mesh.Operator.Core.Injection;

namespace Mesh.Operator;

/// <summary>Everything the operator can be told; on the command line or as MESH_OPERATOR_* in the environment.</summary>
public sealed record OperatorOptions
{
    /// <summary>Path of a kubeconfig; null: the service account of the pod it runs in, else the default kubeconfig.</summary>
    public string? Kubeconfig { get; init; }

    public string Namespace { get; init; } = "mesh-system";

    /// <summary>Where the API server reaches the webhooks; null: through the Service <see cref="ServiceName"/>.</summary>
    public Uri? WebhookUrl { get; init; }

    public int WebhookPort { get; init; } = 9443;

    /// <summary>False: serve and register no webhooks (an operator on a machine that the API server cannot reach).</summary>
    public bool Webhooks { get; init; } = true;

    /// <summary>Port of metrics and health; 0 picks a free one.</summary>
    public int MetricsPort { get; init; } = 8080;

    /// <summary>Name of this process among replicas (see <see cref="OperatorSettings.Identity"/>).</summary>
    public required string Identity { get; init; }

    /// <summary>
    /// A leader that died is replaced after this long. It is renewed every third of it and given up after two: shorter would
    /// give it up at each hiccup of the API server, which costs every session.
    /// </summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long everything goes on after the end was asked for, not ready any more, so that those who ask it notice first.</summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary>Config records written a second, over the whole mesh.</summary>
    public int RecordWritesPerSecond { get; init; } = 50;

    /// <summary>Port of the control sessions that sidecars open.</summary>
    public int ControlPort { get; init; } = Config.WellKnown.ControlPort;

    /// <summary>Host and port under which sidecars reach it; null: through the Service <see cref="ServiceName"/>.</summary>
    public string? ControlAddress { get; init; }

    /// <summary>How long a root of the mesh is valid.</summary>
    public TimeSpan RootLife { get; init; } = TimeSpan.FromDays(3650);

    public string LogLevel { get; init; } = "information";

    public bool LogJson { get; init; }

    public InjectionSettings Injection { get; init; } = new();

    /// <summary>What sidecars are told to dial.</summary>
    internal string Address => ControlAddress ?? $"{ServiceName}.{Namespace}.svc:{Config.WellKnown.ControlPort}";

    /// <summary>Name of Deployment, Service, ServiceAccount, Lease and field manager.</summary>
    public const string ServiceName = "mesh-operator";
}
