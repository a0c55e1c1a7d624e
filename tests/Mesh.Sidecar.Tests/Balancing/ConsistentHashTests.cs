using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Tests.Health;

namespace Mesh.Sidecar.Tests.Balancing;

public sealed class ConsistentHashTests
{
    private const int Keys = 20_000;

    private static readonly EndpointPicker Picker = new(new Random(7));

    public static TheoryData<HashTable, int> Tables => new() { { HashTable.Ring, 1024 }, { HashTable.Maglev, 65537 } };

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_key_goes_to_the_same_member_every_time_and_in_every_proxy(HashTable table, int size)
    {
        var (here, there) = (Of(table, size, 1, 1, 1, 1), Of(table, size, 1, 1, 1, 1));
        for (var i = 0; i < 100; i++)
        {
            var member = Pick(here, i);
            Assert.Same(member, Pick(here, i));
            Assert.Equal(member.Address, Pick(there, i).Address);
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Keys_are_spread_by_weight(HashTable table, int size)
    {
        var cluster = Of(table, size, 1, 2, 5);
        var counts = Enumerable.Range(0, Keys).Select(i => Pick(cluster, i)).CountBy(member => member.Weight).ToDictionary();

        foreach (var (weight, count) in counts) Assert.InRange(count / (Keys / 8.0 * weight), 0.75, 1.25);
        Assert.Equal(3, counts.Count);
    }

    [Theory]
    [InlineData(HashTable.Ring, 1024, 0)]
    [InlineData(HashTable.Maglev, 65537, 0.03)]
    public void When_a_member_is_ejected_the_keys_of_the_others_stay(HashTable table, int size, double moves)
    {
        var cluster = Of(table, size, 1, 1, 1, 1, 1);
        var before = Enumerable.Range(0, Keys).Select(i => Pick(cluster, i)).ToArray();
        cluster.Answer(2, 500, times: 5);
        var after = Enumerable.Range(0, Keys).Select(i => Pick(cluster, i)).ToArray();

        Assert.DoesNotContain(after, member => member.State == cluster[2]);
        var others = Enumerable.Range(0, Keys).Where(i => before[i].State != cluster[2]).ToArray();
        Assert.InRange(others.Count(i => before[i].State != after[i].State) / (double)others.Length, 0, moves);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_request_without_a_key_goes_anywhere(HashTable table, int size)
    {
        var cluster = Of(table, size, 1, 1, 1);
        Assert.Equal(3, Enumerable.Range(0, 200).Select(_ => Picker.Pick(cluster.Cluster, null)).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_retry_with_a_key_stays_with_its_member(HashTable table, int size)
    {
        var cluster = Of(table, size, 1, 1, 1);
        var member = Pick(cluster, 1);
        var tried = new TriedEndpoints();
        tried.Add(member);

        Assert.Same(member, Picker.Pick(cluster.Cluster, null, tried, KeyHash.Of("user-1")));
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Picking_by_key_allocates_nothing(HashTable table, int size)
    {
        var cluster = Of(table, size, 1, 2, 3);
        Pick(cluster, 1);
        var tried = new TriedEndpoints();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 0; i < 1000; i++) Picker.Pick(cluster.Cluster, null, tried, i * 0x9e3779b97f4a7c15);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_ring_has_at_least_as_many_places_as_told()
    {
        // With one place a member, twenty members would hardly share evenly.
        var coarse = Spread(Of(HashTable.Ring, 1, [.. Enumerable.Repeat(1, 20)]));
        var fine = Spread(Of(HashTable.Ring, 20_000, [.. Enumerable.Repeat(1, 20)]));

        Assert.True(fine < coarse / 4, $"{fine} is no finer than {coarse}");
    }

    private static double Spread(TestCluster cluster)
    {
        var counts = Enumerable.Range(0, Keys).CountBy(i => Pick(cluster, i)).Select(pair => (double)pair.Value).ToArray();
        return counts.Max() - Keys / 20.0;
    }

    private static CompiledEndpoint Pick(TestCluster cluster, int key) => Picker.Pick(cluster.Cluster, null, new TriedEndpoints(), KeyHash.Of($"user-{key}"))!;

    private static TestCluster Of(HashTable table, int size, params int[] weights) => new(
        TestConfig.ClusterOf("v1", LoadBalancing.ConsistentHash) with
        {
            ConsistentHash = new ConsistentHash { Key = new HashKey { Header = "x-user" }, Table = table, Size = size },
            Outliers = new OutlierDetection { MaxEjectionPercent = 100 },
        },
        [.. weights.Select((weight, i) => TestConfig.Member($"10.0.0.{i + 1}", "v1", weight))]);
}
