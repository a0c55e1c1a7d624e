using System.Collections.Frozen;
using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>A destination ready for use: its policy, its members, its counters.</summary>
public sealed class CompiledCluster
{
    private readonly Lock arranging = new();
    private volatile BalancedPool? balanced;

    /// <summary>A cluster whose pool is asked for at each use (a fixed one, or what DNS answered last).</summary>
    public CompiledCluster(Cluster config, ClusterState state, Func<EndpointPool> pool, Credentials? credentials = null)
        : this(config, state, pool, new UpstreamTerms(config.Pool, config.ConnectTimeout, config.Tls is { } tls ? new OriginatedTls(tls, config.Host, credentials) : null, config.ProxyProtocol))
    {
    }

    private CompiledCluster(Cluster config, ClusterState state, Func<EndpointPool> pool, UpstreamTerms terms)
    {
        Config = config;
        State = state;
        Balancer = Balancer.For(config.LoadBalancing);
        PoolSource = pool;
        Terms = terms;
    }

    /// <summary>As told.</summary>
    public Cluster Config { get; }

    /// <summary>Name, as in the access log.</summary>
    public string Name => Config.Name;

    /// <summary>Counters, shared between snapshots.</summary>
    public ClusterState State { get; }

    /// <summary>Members; always empty where the connection's own destination is the member.</summary>
    public EndpointPool Pool => PoolSource();

    /// <summary>Where the members are found at any time.</summary>
    internal Func<EndpointPool> PoolSource { get; }

    /// <summary>The proxy's own place, which some policies prefer members by.</summary>
    public WorkloadConfig? Self { get; init; }

    /// <summary>
    /// The members that are given traffic, in the order of preference. Arranged anew only after a member was left out or came
    /// back, or DNS brought other members: choosing a member reads two references and a number.
    /// </summary>
    public BalancedPool Balanced
    {
        get
        {
            var pool = PoolSource();
            return balanced is { } known && known.IsOf(pool, State.HealthVersion) ? known : Arrange(pool);
        }
    }

    /// <summary>Where the connection's own destination is the member: those of which more is known than their address.</summary>
    public FrozenDictionary<IPEndPoint, CompiledEndpoint> Known { get; init; } = FrozenDictionary<IPEndPoint, CompiledEndpoint>.Empty;

    /// <summary>
    /// Where each host that is asked for has members of its own: these hosts. The pool holds the members of all of them; traffic
    /// goes to the cluster of its host (<see cref="AskedHosts.ClusterOfAsync"/>).
    /// </summary>
    internal AskedHosts? Hosts { get; init; }

    /// <summary>How mutual TLS is spoken to members; <c>null</c> where it never is.</summary>
    public UpstreamTls? Tls { get; init; }

    /// <summary>TLS of its own kind that is spoken to members; <c>null</c>: none.</summary>
    public OriginatedTls? Origination => Terms.Origination;

    /// <summary>What HTTP connections to members are made by.</summary>
    public UpstreamTerms Terms { get; }

    /// <summary>How a member is chosen.</summary>
    public Balancer Balancer { get; }

    /// <summary>How mutual TLS is spoken to this member; <c>null</c>: in clear text.</summary>
    public UpstreamTls? TlsOf(CompiledEndpoint endpoint) =>
        Tls is null ? null : Config.MutualTls == ClientMutualTls.Always || endpoint.State.TakesMutualTls ? Tls : null;

    /// <summary>The member at the address a connection was going to, where that is how members are found.</summary>
    public CompiledEndpoint MemberAt(IPEndPoint address) =>
        Known.TryGetValue(address, out var known) ? known : State.OriginalDestinations.Get(address);

    /// <summary>The same cluster, with these members instead of its own.</summary>
    internal CompiledCluster With(Func<EndpointPool> pool) => new(Config, State, pool, Terms) { Self = Self, Tls = Tls };

    private BalancedPool Arrange(EndpointPool pool)
    {
        lock (arranging)
        {
            // Read first: a change that comes while arranging makes it stale at once.
            var version = State.HealthVersion;
            if (balanced is { } known && known.IsOf(pool, version)) return known;
            return balanced = BalancedPool.Arrange(this, pool, version);
        }
    }
}
