using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class ClusterPolicyRulesTests
{
    private static readonly HashKey ByHeader = new() { Header = "x-user" };
    private static readonly OutlierDetection Outliers = new();
    private static readonly HealthCheck Probe = new() { Probe = HealthProbe.Http };

    public static TheoryData<string, Cluster> Problems => new()
    {
        { "outliers.consecutive5xx", With(c => c with { Outliers = Outliers with { Consecutive5xx = -1 } }) },
        { "outliers.consecutiveGatewayErrors", With(c => c with { Outliers = Outliers with { ConsecutiveGatewayErrors = -1 } }) },
        { "outliers.interval", With(c => c with { Outliers = Outliers with { Interval = TimeSpan.Zero } }) },
        { "outliers.baseEjectionTime", With(c => c with { Outliers = Outliers with { BaseEjectionTime = TimeSpan.Zero } }) },
        { "outliers.maxEjectionPercent", With(c => c with { Outliers = Outliers with { MaxEjectionPercent = 101 } }) },
        { "outliers.minHealthPercent", With(c => c with { Outliers = Outliers with { MinHealthPercent = -1 } }) },
        { "outliers.errorCodes", With(c => c with { Outliers = Outliers with { ErrorCodes = [600] } }) },
        { "pool.maxConnections", With(c => c with { Pool = new() { MaxConnections = -1 } }) },
        { "pool.maxPendingRequests", With(c => c with { Pool = new() { MaxPendingRequests = -1 } }) },
        { "pool.maxRequests", With(c => c with { Pool = new() { MaxRequests = -1 } }) },
        { "pool.maxRetries", With(c => c with { Pool = new() { MaxRetries = -1 } }) },
        { "pool.maxRequestsPerConnection", With(c => c with { Pool = new() { MaxRequestsPerConnection = 0 } }) },
        { "pool.maxConcurrentStreams", With(c => c with { Pool = new() { MaxConcurrentStreams = 0 } }) },
        { "pool.idleTimeout", With(c => c with { Pool = new() { IdleTimeout = -TimeSpan.FromSeconds(1) } }) },
        { "pool.maxConnectionDuration", With(c => c with { Pool = new() { MaxConnectionDuration = TimeSpan.Zero } }) },
        { "pool.keepAlive.probes", With(c => c with { Pool = new() { KeepAlive = new() { Probes = 0 } } }) },
        { "pool.useClientProtocol", With(c => c with { Pool = new() { UpgradeToHttp2 = true, UseClientProtocol = true } }) },
        { "healthCheck.interval", With(c => c with { HealthCheck = Probe with { Interval = TimeSpan.Zero } }) },
        { "healthCheck.port", With(c => c with { HealthCheck = Probe with { Port = 70000 } }) },
        { "healthCheck.jitterPercent", With(c => c with { HealthCheck = Probe with { JitterPercent = 101 } }) },
        { "healthCheck.unhealthyThreshold", With(c => c with { HealthCheck = Probe with { UnhealthyThreshold = 0 } }) },
        { "healthCheck.path", With(c => c with { HealthCheck = Probe with { Path = "health" } }) },
        { "healthCheck.expectedStatuses", With(c => c with { HealthCheck = Probe with { ExpectedStatuses = [new(300, 200)] } }) },
        { "consistentHash.key", With(c => Hashed(c, new() { Key = new HashKey() })) },
        { "consistentHash.key", With(c => Hashed(c, new() { Key = ByHeader with { SourceAddress = true } })) },
        { "consistentHash.key", With(c => Hashed(c, new() { Key = new HashKey { Header = "" } })) },
        { "consistentHash.size", With(c => Hashed(c, new() { Key = ByHeader, Size = 0 })) },
        { "consistentHash.size", With(c => Hashed(c, new() { Key = ByHeader, Table = HashTable.Maglev, Size = 1024 })) },
        { "warmup.duration", With(c => c with { Warmup = new() { Duration = TimeSpan.Zero } }) },
        { "warmup.aggression", With(c => c with { Warmup = new() { Duration = TimeSpan.FromSeconds(1), Aggression = 0 } }) },
        { "locality.distribute[0].to", With(c => c with { Locality = new() { Distribute = [new() { From = "eu", To = ImmutableSortedDictionary<string, int>.Empty.Add("eu", 99) }] } }) },
        { "locality.failoverPriority", With(c => c with { Locality = new() { FailoverPriority = ["=x"] } }) },
        { "tls.keyFile", With(c => c with { Tls = new() { CertificateFile = "/a" } }) },
        { "tls.sni", With(c => c with { Tls = new() { Sni = "10.0.0.1" } }) },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public void A_policy_that_cannot_be_obeyed_is_told_with_its_place(string member, Cluster cluster)
    {
        var problems = ProxyConfigValidator.Validate(Of(cluster));

        Assert.Equal($"clusters/{SampleConfig.Host}: {cluster.Name}.{member}", Assert.Single(problems).Path);
    }

    [Fact]
    public void Policies_with_all_members_given_are_sound()
    {
        var cluster = Hashed(SampleConfig.ClusterOf("v1"), new() { Key = new HashKey { Cookie = new() { Name = "s", Ttl = TimeSpan.Zero } }, Table = HashTable.Maglev, Size = 65537 }) with
        {
            Outliers = Outliers with { ErrorCodes = [429, 503], MinHealthPercent = 100 },
            Pool = new()
            {
                MaxConnections = 0, MaxPendingRequests = 1, MaxRequests = 1, MaxRequestsPerConnection = 1, MaxRetries = 0, IdleTimeout = TimeSpan.Zero, TcpIdleTimeout = TimeSpan.Zero,
                MaxConnectionDuration = TimeSpan.FromMinutes(1), KeepAlive = new() { Probes = 3, Time = TimeSpan.FromSeconds(9), Interval = TimeSpan.FromSeconds(9) },
                MaxConcurrentStreams = 9, Http2KeepAlive = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)),
            },
            HealthCheck = Probe,
            Warmup = new() { Duration = TimeSpan.FromMinutes(1) },
            Locality = new() { Distribute = [new() { From = "eu/*", To = ImmutableSortedDictionary<string, int>.Empty.Add("eu/a", 80).Add("eu/b", 20) }] },
            Tls = new() { Sni = "example.com" },
        };

        Assert.Empty(ProxyConfigValidator.Validate(Of(cluster)));
    }

    private static Cluster Hashed(Cluster cluster, ConsistentHash hash) => cluster with { LoadBalancing = LoadBalancing.ConsistentHash, ConsistentHash = hash };

    private static Cluster With(Func<Cluster, Cluster> change) => change(SampleConfig.ClusterOf("v1"));

    private static Mesh.Config.ProxyConfig Of(Cluster cluster) =>
        (new SampleConfig() with { Clusters = [new ClusterSet { Host = SampleConfig.Host, Clusters = [cluster, SampleConfig.ClusterOf("v2")] }] }).Assembled();
}
