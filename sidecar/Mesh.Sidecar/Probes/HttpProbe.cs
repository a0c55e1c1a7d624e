using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Mesh.Sidecar.Probes;

/// <summary>httpGet as a kubelet makes it: a connection of its own, certificates unverified, redirects followed on the same host only.</summary>
internal sealed class HttpProbe(PodDial dial)
{
    private const int MostRedirects = 10;

    // These belong to the kubelet's connection, not to the check.
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase) { "Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "TE", "Keep-Alive" };

    public async Task<ProbeAnswer> AskAsync(AppProbe.HttpCheck check, IHeaderDictionary asked, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            ConnectCallback = async (context, token) => new NetworkStream(await dial.ConnectAsync(context.DnsEndPoint.Port, token).ConfigureAwait(false), ownsSocket: true),
        };
        using var client = new HttpMessageInvoker(handler);
        var scheme = string.Equals(check.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var path = string.IsNullOrEmpty(check.Path) ? "/" : check.Path[0] == '/' ? check.Path : "/" + check.Path;
        var target = new Uri($"{scheme}://{dial.Host}:{check.Port}{path}");
        var first = target;
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            using var request = Request(target, check, asked);
            using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            if (status is < 300 or > 399 || response.Headers.Location is not { } location) return new ProbeAnswer(status, $"{target} answered {status}");
            var next = location.IsAbsoluteUri ? location : new Uri(target, location);
            if (next.Host != first.Host || next.Scheme is not ("http" or "https")) return new ProbeAnswer(status, $"{target} answered {status}, away to another host");
            target = next;
        }

        return ProbeAnswer.Bad($"{first} was answered by more than {MostRedirects} redirects");
    }

    private static HttpRequestMessage Request(Uri target, AppProbe.HttpCheck check, IHeaderDictionary asked)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, target) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        foreach (var (name, values) in asked)
        {
            if (!NotPassedOn.Contains(name)) request.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        foreach (var name in (check.HttpHeaders ?? []).Select(header => header.Name).Distinct(StringComparer.OrdinalIgnoreCase)) request.Headers.Remove(name);
        foreach (var header in check.HttpHeaders ?? [])
        {
            if (string.Equals(header.Name, "Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = header.Value;
            else request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        request.Headers.ConnectionClose = true;
        return request;
    }
}
