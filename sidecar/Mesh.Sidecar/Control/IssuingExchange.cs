using System.Text.Json;
using Mesh.Config.Control;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>One issuing exchange, whoever opened it: hello with token, request, certificate.</summary>
internal sealed class IssuingExchange(CertificateKeeper keeper, PodIdentity pod, PodToken token, LeaseEpoch epoch, TimeProvider time)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    /// <summary>Runs it; returns why it brought nothing, or an empty text.</summary>
    public async Task<string> RunAsync(ControlStream stream, CertificateOrder order, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            // The peer was verified in the handshake: only now is the token read.
            var secret = await token.ReadAsync(either.Token).ConfigureAwait(false);
            await stream.WriteAsync(new ControlMessage { SidecarHello = pod.Hello(epoch.Seen, secret) }, either.Token).ConfigureAwait(false);
            var request = new CertificateRequest { SigningRequest = order.SigningRequest, Reason = order.Reason };
            await stream.WriteAsync(new ControlMessage { CertificateRequest = request }, either.Token).ConfigureAwait(false);
            switch ((await stream.ReadAsync(either.Token).ConfigureAwait(false))?.Message)
            {
                case null:
                    return "the operator hung up before it answered";
                case { Refusal: { } no }:
                    return $"the operator refused: {no.Reason}";
                case { Certificate: { } issued }:
                    if (keeper.TryAccept(order, issued.Chain, out var why)) return "";
                    await stream.WriteAsync(new ControlMessage { Refusal = new Refusal { Reason = why } }, either.Token).ConfigureAwait(false);
                    return $"what the operator issued is not used: {why}";
                default:
                    return "the operator answered with something else than a certificate";
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return $"the operator did not answer within {AnswerWithin.TotalSeconds} s";
        }
        catch (OperationCanceledException)
        {
            return "the connection or the sidecar ended";
        }
        catch (Exception gone) when (gone is IOException or JsonException or HttpRequestException)
        {
            return gone.Message;
        }
    }
}
