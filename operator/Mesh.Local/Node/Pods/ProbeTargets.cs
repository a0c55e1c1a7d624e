using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using k8s.Models;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Pods;

/// <summary>How probes and hooks ask: HTTP, TCP and gRPC from the node's namespace as a kubelet would, commands inside the container.</summary>
internal sealed class ProbeTargets(NamespaceSockets node, IPAddress podIP) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) => await node.DialAsync(context.DnsEndPoint, cancellation),
        // A probe is a new connection each time, and takes any certificate, as a kubelet's does.
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });

    public async Task<ProbeResult> HttpAsync(V1HTTPGetAction get, V1Container container, CancellationToken cancellation)
    {
        var host = string.IsNullOrEmpty(get.Host) ? podIP.ToString() : get.Host;
        var scheme = string.Equals(get.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var path = string.IsNullOrEmpty(get.Path) ? "/" : get.Path.StartsWith('/') ? get.Path : "/" + get.Path;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{scheme}://{host}:{Port(get.Port, container)}{path}"));
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in get.HttpHeaders ?? [])
        {
            if (string.Equals(header.Name, "Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = header.Value;
            else request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var answer = await _http.SendAsync(request, cancellation);
        var code = (int)answer.StatusCode;
        return new ProbeResult(code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
    }

    public async Task<ProbeResult> TcpAsync(V1TCPSocketAction tcp, V1Container container, CancellationToken cancellation)
    {
        var address = string.IsNullOrEmpty(tcp.Host) ? podIP : IPAddress.Parse(tcp.Host);
        using var socket = await node.ConnectAsync(new IPEndPoint(address, Port(tcp.Port, container)), cancellation);
        return new ProbeResult(true, "");
    }

    /// <summary>grpc.health.v1.Health/Check: one field in, one field out, so the two messages are written by hand.</summary>
    public async Task<ProbeResult> GrpcAsync(V1GRPCAction grpc, CancellationToken cancellation)
    {
        var service = System.Text.Encoding.UTF8.GetBytes(grpc.Service ?? "");
        byte[] message = service.Length == 0 ? [] : [0x0A, (byte)service.Length, .. service];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{podIP}:{grpc.Port}/grpc.health.v1.Health/Check"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var answer = await _http.SendAsync(request, cancellation);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
        const byte serving = 1;
        var ok = body.Length >= 7 && body[5] == 0x08 && body[6] == serving;
        return new ProbeResult(ok, $"gRPC health of \"{grpc.Service}\" is not SERVING (HTTP {(int)answer.StatusCode})");
    }

    /// <summary>A port given by number or by the name it has in the container.</summary>
    public static int Port(IntOrString port, V1Container container)
    {
        if (int.TryParse(port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        return container.Ports?.FirstOrDefault(p => p.Name == port.Value)?.ContainerPort
            ?? throw new InvalidOperationException($"the container has no port named \"{port.Value}\"");
    }

    public void Dispose() => _http.Dispose();
}
