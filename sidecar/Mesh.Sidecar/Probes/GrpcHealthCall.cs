using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Sidecar.Probes;

/// <summary>
/// The standard health check of gRPC (grpc.health.v1.Health/Check). Its two messages have one field each, so they are written
/// and read by hand: https://github.com/grpc/grpc/blob/master/doc/health-checking.md.
/// </summary>
internal static class GrpcHealthCall
{
    private const int PrefixLength = 5;
    private const int ServiceField = (1 << 3) | 2; // HealthCheckRequest.service: field 1, length-delimited
    private const int StatusField = 1 << 3; // HealthCheckResponse.status: field 1, varint
    private const int MostBytes = 4096;

    private static readonly string[] Names = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    /// <param name="client">Carries it, in HTTP/2.</param>
    /// <param name="server">Scheme and address.</param>
    /// <param name="host">Authority; <c>null</c>: the address.</param>
    /// <param name="service">Service asked for; empty: the server as a whole.</param>
    /// <param name="where">The server's name in the answer.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ProbeAnswer> AskAsync(HttpMessageInvoker client, string server, string? host, string service, string where, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{server}/grpc.health.v1.Health/Check"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Message(service)),
        };
        if (host is not null) request.Headers.Host = host;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK) return ProbeAnswer.Bad($"the health service at {where} answered HTTP {(int)response.StatusCode}");
        var body = await ReadAsync(response, cancellation).ConfigureAwait(false);
        var (code, message) = (Trailer(response, "grpc-status"), Trailer(response, "grpc-message"));
        if (code is not "0") return ProbeAnswer.Bad($"the health service at {where} answered gRPC status {code ?? "none"}{(message is null ? "" : ": " + Uri.UnescapeDataString(message))}");
        var status = StatusOf(body);
        var name = status < Names.Length ? Names[status] : status.ToString();
        var text = $"the health service at {where} says {name}{(service.Length == 0 ? "" : $" for {service}")}";
        return name == "SERVING" ? ProbeAnswer.Good(text) : ProbeAnswer.Bad(text);
    }

    private static byte[] Message(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        var payload = new List<byte>();
        if (name.Length > 0)
        {
            payload.Add(ServiceField);
            for (var left = (uint)name.Length; ; left >>= 7)
            {
                if (left < 0x80)
                {
                    payload.Add((byte)left);
                    break;
                }

                payload.Add((byte)(left | 0x80));
            }

            payload.AddRange(name);
        }

        var message = new byte[PrefixLength + payload.Count];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), payload.Count);
        payload.CopyTo(message, PrefixLength);
        return message;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[MostBytes];
            var total = 0;
            for (int count; total < buffer.Length && (count = await stream.ReadAsync(buffer.AsMemory(total), cancellation).ConfigureAwait(false)) > 0;) total += count;
            return buffer.AsMemory(0, total);
        }
    }

    // An answer without body has its trailers in front.
    private static string? Trailer(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;

    // Absent means the first value, UNKNOWN, as for every enumeration of protobuf.
    private static int StatusOf(ReadOnlyMemory<byte> body)
    {
        var payload = body.Length > PrefixLength ? body.Span[PrefixLength..] : default;
        return payload is [StatusField, < 0x80 and var status, ..] ? status : 0;
    }
}
