using System.Net;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Tests;

/// <summary>Requests for tests that need no server.</summary>
internal static class TestExchange
{
    private static readonly Lazy<ProxySnapshot> Some = new(() => new TestConfig().Compile());

    public static Exchange Of(string method = "GET", string target = "/", string authority = "reviews:9080", string scheme = "http", HeaderList? headers = null, ProxySnapshot? snapshot = null, IPEndPoint? destination = null)
    {
        var query = target.IndexOf('?');
        return new Exchange
        {
            Direction = Direction.Outbound,
            Snapshot = snapshot ?? Some.Value,
            Method = method,
            Scheme = scheme,
            Authority = authority,
            Path = query < 0 ? target : target[..query],
            Query = query < 0 ? "" : target[query..],
            Headers = headers ?? [],
            OriginalDestination = destination,
        };
    }
}
