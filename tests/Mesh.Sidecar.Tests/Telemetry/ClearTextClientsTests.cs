using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Telemetry;

public sealed class ClearTextClientsTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void Each_client_stands_once_for_each_port_with_its_connections_and_the_minute_of_the_last()
    {
        var clients = new ClearTextClients(clock);
        clients.Seen(Peer("10.0.0.2"), 8080);
        clients.Seen(Peer("10.0.0.1"), 9090);
        clock.Advance(TimeSpan.FromMinutes(2));
        clients.Seen(Peer("10.0.0.2", 2), 8080);

        Assert.Equal(
            [
                new ClearTextClient("10.0.0.1", 9090, 1, new DateTimeOffset(2030, 1, 2, 3, 4, 0, TimeSpan.Zero)),
                new ClearTextClient("10.0.0.2", 8080, 2, new DateTimeOffset(2030, 1, 2, 3, 6, 0, TimeSpan.Zero)),
            ],
            clients.Current);
    }

    [Fact]
    public void Only_a_new_client_is_news()
    {
        var clients = new ClearTextClients(clock);
        var news = 0;
        clients.Added += () => news++;
        for (var i = 0; i < 3; i++) clients.Seen(Peer("10.0.0.1"), 80);
        clients.Seen(Peer("10.0.0.1"), 81);

        Assert.Equal(2, news);
        Assert.Equal(2, clients.Version);
    }

    [Fact]
    public void Those_seen_last_are_kept()
    {
        var clients = new ClearTextClients(clock);
        for (var i = 0; i < ProxyReport.MostClearTextClients; i++)
        {
            clients.Seen(Peer($"10.0.1.{i}"), 80);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        clients.Seen(Peer("10.0.1.0"), 80);
        clock.Advance(TimeSpan.FromSeconds(1));
        clients.Seen(Peer("10.0.2.1"), 80);

        Assert.Equal(ProxyReport.MostClearTextClients, clients.Current.Length);
        Assert.DoesNotContain(clients.Current, client => client.Address == "10.0.1.1");
        Assert.Contains(clients.Current, client => client.Address == "10.0.1.0");
        Assert.Contains(clients.Current, client => client.Address == "10.0.2.1");
    }

    [Fact]
    public void The_pod_itself_does_not_count_and_an_address_is_the_same_in_both_families_spelling()
    {
        var clients = new ClearTextClients(clock);
        clients.Seen(Peer("127.0.0.6"), 80);
        clients.Seen(Peer("::1"), 80);
        clients.Seen(Peer("::ffff:10.0.0.1"), 80);
        clients.Seen(Peer("10.0.0.1"), 80);

        Assert.Equal(("10.0.0.1", 2L), (Assert.Single(clients.Current).Address, clients.Current[0].Connections));
    }

    private static IPEndPoint Peer(string address, int port = 1) => new(IPAddress.Parse(address), port);
}
