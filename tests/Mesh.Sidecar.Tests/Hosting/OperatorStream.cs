using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>The operator's end of one stream, message by message as the test says.</summary>
internal sealed class OperatorStream(PipeReader input, PipeWriter output, X509Certificate2 peer, Func<ValueTask> close) : IAsyncDisposable
{
    /// <summary>What the sidecar showed in the handshake.</summary>
    public X509Certificate2 Peer => peer;

    /// <summary>The next message; <c>null</c> at the end, however it came.</summary>
    public async Task<ControlMessage?> NextAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Patience);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(limit.Token);
                var buffer = result.Buffer;
                if (ControlFrame.TryRead(ref buffer, out var frame))
                {
                    input.AdvanceTo(buffer.Start);
                    return frame.Message;
                }

                if (result.IsCompleted) return null;
                input.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException or ObjectDisposedException)
        {
            // Disposed: the call was cut, and its request cleared away, before this read began.
            return null;
        }
    }

    /// <summary>The next report that is as wanted; others are passed over.</summary>
    public async Task<ProxyReport> ReportAsync(Func<ProxyReport, bool> wanted)
    {
        while (true)
        {
            var message = await NextAsync();
            if (message is { CertificateRequest: not null }) continue;
            Assert.True(message is { Report: not null }, $"a report was expected, not {message}");
            if (wanted(message!.Report!)) return message.Report!;
        }
    }

    /// <summary>The refusal that ends the stream; reports before it are passed over.</summary>
    public async Task<Refusal> RefusalAsync()
    {
        while (true)
        {
            var message = await NextAsync();
            Assert.NotNull(message);
            if (message.Refusal is { } refusal) return refusal;
            Assert.NotNull(message.Report);
        }
    }

    public async Task SendAsync(ControlMessage message, byte[]? attachment = null)
    {
        ControlFrame.Write(output, message, attachment);
        await output.FlushAsync();
    }

    /// <summary>Reads the hello and answers it.</summary>
    public async Task<SidecarHello> GreetAsync(long epoch = 1, string podUid = "uid-1")
    {
        var hello = (await NextAsync())?.SidecarHello;
        Assert.NotNull(hello);
        await SendAsync(new ControlMessage { OperatorHello = new OperatorHello { PodUid = podUid, Epoch = epoch, Leader = "test" } });
        return hello;
    }

    public Task PushAsync(byte[] document, long epoch = 1, string podUid = "uid-1") =>
        SendAsync(new ControlMessage { Push = new ConfigPush { PodUid = podUid, Epoch = epoch } }, document);

    /// <summary>Answers an issuing exchange; holds the request's key against that of the handshake as the operator must.</summary>
    public async Task<(SidecarHello Hello, Mesh.Config.Control.CertificateRequest Request)> IssueAsync(TestAuthority authority, string id, DateTimeOffset? from = null, DateTimeOffset? until = null, Action? meanwhile = null)
    {
        var hello = (await NextAsync())?.SidecarHello;
        var request = (await NextAsync())?.CertificateRequest;
        Assert.NotNull(hello);
        Assert.NotNull(request);
        var signing = System.Security.Cryptography.X509Certificates.CertificateRequest.LoadSigningRequestPem(
            request.SigningRequest, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        Assert.Equal(peer.PublicKey.ExportSubjectPublicKeyInfo(), signing.PublicKey.ExportSubjectPublicKeyInfo());
        meanwhile?.Invoke();
        using var issued = authority.Issue(signing.PublicKey, id, from, until);
        await SendAsync(new ControlMessage { Certificate = new IssuedCertificate { Chain = issued.ExportCertificatePem() } });
        return (hello, request);
    }

    public ValueTask DisposeAsync() => close();
}
