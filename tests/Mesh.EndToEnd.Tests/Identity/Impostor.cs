using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>
/// Speaks to the operator as a sidecar would, by hand and from inside a pod's network, and says what it likes: any token, any
/// pod, any name in its request. The frames are those of the contract (length, length, JSON); nothing of the product is used.
/// </summary>
internal static class Impostor
{
    private const int HeadLength = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Asks for a certificate over a new key; returns it, or what was said instead.</summary>
    /// <param name="wanted">The id that the request claims.</param>
    /// <param name="ownKeys">False: the request is for another key than the connection's.</param>
    public static async Task<(X509Certificate2? Certificate, string Said)> IssueAsync(string network, string address, JsonObject hello, string wanted, bool ownKeys = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var shown = new CertificateRequest("CN=issue", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        var request = new CertificateRequest("", ownKeys ? key : other, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(wanted));
        request.CertificateExtensions.Add(names.Build(critical: true));
        var said = await SpeakAsync(network, address, "issue.mesh.internal", "/v1/issue", shown,
        [
            new JsonObject { ["sidecarHello"] = hello },
            new JsonObject { ["certificateRequest"] = new JsonObject { ["signingRequest"] = request.CreateSigningRequestPem(), ["reason"] = "start" } },
        ], message => message["certificate"] is not null || message["refusal"] is not null);
        var chain = said.Messages.Select(message => (string?)message["certificate"]?["chain"]).FirstOrDefault(text => text is not null);
        return (chain is null ? null : X509Certificate2.CreateFromPem(chain), said.Text);
    }

    /// <summary>Opens a session with these papers; returns everything that was said.</summary>
    public static async Task<string> SessionAsync(string network, string address, Papers papers, IdentityStage stage, string pod, string ns, string? token)
    {
        using var shown = papers.Certificate is null ? null : X509Certificate2.CreateFromPem(papers.Certificate, papers.Key);
        var hello = Hello(stage, pod, ns, token);
        return (await SpeakAsync(network, address, "session.mesh.internal", "/v1/session", shown, [new JsonObject { ["sidecarHello"] = hello }],
            message => message["operatorHello"] is not null || message["refusal"] is not null)).Text;
    }

    /// <summary>What a sidecar of this pod says of itself.</summary>
    public static JsonObject Hello(IdentityStage stage, string pod, string ns, string? token) => new()
    {
        ["podUid"] = stage.Mesh.Kubectl("get", "pod", pod, "-n", ns, "-o", "jsonpath={.metadata.uid}"),
        ["namespace"] = ns,
        ["pod"] = pod,
        ["token"] = token,
    };

    private static async Task<(List<JsonNode> Messages, string Text)> SpeakAsync(
        string network, string address, string name, string path, X509Certificate2? shown, IReadOnlyList<JsonObject> messages, Func<JsonNode, bool> isLast)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = NetworkNamespace.InsideOf(network, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
                await socket.ConnectAsync(IPEndPoint.Parse(address), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                // An impostor does not care whom it speaks to.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => shown!,
            },
        };
        using var client = new HttpClient(handler) { Timeout = Limit };
        var said = new List<JsonNode>();
        var body = new OpenContent(messages);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://{name}{path}")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body };
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!answer.IsSuccessStatusCode) return (said, $"HTTP {(int)answer.StatusCode}");
            await using var stream = await answer.Content.ReadAsStreamAsync(limit.Token);
            while (await ReadAsync(stream, limit.Token) is { } message)
            {
                said.Add(message);
                if (isLast(message)) break;
            }

            return (said, string.Join('\n', said.Select(message => message.ToJsonString())));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return (said, $"{string.Join('\n', said.Select(message => message.ToJsonString()))}\n{e.Message} {e.InnerException?.Message}");
        }
        finally
        {
            body.End();
        }
    }

    private static async Task<JsonNode?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new byte[HeadLength];
        if (await stream.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, cancellation) < HeadLength) return null;
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
        await stream.ReadExactlyAsync(message, cancellation);
        await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4))], cancellation);
        return JsonNode.Parse(message);
    }

    /// <summary>A body that stays open after its messages, as a stream of both ways does.</summary>
    private sealed class OpenContent(IReadOnlyList<JsonObject> messages) : HttpContent
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var message in messages)
            {
                var json = Encoding.UTF8.GetBytes(message.ToJsonString());
                var frame = new byte[HeadLength + json.Length];
                BinaryPrimitives.WriteInt32BigEndian(frame, json.Length);
                json.CopyTo(frame, HeadLength);
                await stream.WriteAsync(frame);
            }

            await stream.FlushAsync();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
