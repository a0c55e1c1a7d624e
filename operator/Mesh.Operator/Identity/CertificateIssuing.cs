using System.Collections.Concurrent;
using System.Security.Cryptography;
using k8s.Models;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Identity;

/// <summary>Asks the API server whose token it is, has the request judged, signs, and writes it all down. A storm of requests is worked off a few at a time.</summary>
[EntityRbac(typeof(V1TokenReview), Verbs = RbacVerb.Create)]
public sealed class CertificateIssuing(
    IKubernetesClient client, CertificateAuthority authority, MeshState state, AuditLog audit, EventPublisher events, TimeProvider time) : IDisposable
{
    private const int AtOnce = 16;

    // Anyone on the network may ask; nothing honest is longer.
    private const int LongestToken = 16 * 1024;
    private const int LongestRequest = 64 * 1024;

    private readonly ConcurrentDictionary<string, string> _told = new();
    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>The certificate, or why there is none.</summary>
    /// <param name="hello">Who speaks; carries the token.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="connectionKey">Key of the certificate that was shown on this connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ControlMessage> IssueAsync(SidecarHello hello, CertificateRequest request, ReadOnlyMemory<byte> connectionKey, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            var trust = await authority.TrustAsync(cancellationToken);
            var read = request.SigningRequest.Length <= LongestRequest ? SigningRequest.Read(request.SigningRequest) : null;
            var pod = PodOf(hello);
            var question = new IssueQuestion { Request = read, ConnectionKey = connectionKey, Token = new TokenVerdict(), Pod = pod, TrustDomain = trust.Id.TrustDomain };
            // What is wrong by itself costs the API server no question.
            var verdict = IssuingChecks.JudgeRequest(question);
            if (verdict is null)
            {
                question = question with { Token = pod is null ? new TokenVerdict() : await ReviewAsync(hello.Token, cancellationToken) };
                verdict = IssuingChecks.Judge(question);
            }

            if (verdict.Id is null) return await RefuseAsync(hello, request, question, verdict, cancellationToken);

            using var certificate = CertificateIssuer.Issue(
                trust.Authority, read!.Key, verdict.Id, time.GetUtcNow(), authority.WorkloadLife, RandomNumberGenerator.GetBytes(CertificateIssuer.SerialLength));
            _told.TryRemove(pod!.Uid, out _);
            audit.Issued(verdict.Id, pod, certificate, trust.Authority.Root, request.Reason, read.Asked);
            return new ControlMessage { Certificate = new IssuedCertificate { Chain = trust.Authority.ChainOf(certificate) } };
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Whose token this is, for a session that a sidecar opened.</summary>
    public async Task<IssueVerdict> IdentifyAsync(SidecarHello hello, CancellationToken cancellationToken)
    {
        var token = await ReviewAsync(hello.Token, cancellationToken);
        return IssuingChecks.JudgeToken(token, PodOf(hello), authority.Id.TrustDomain);
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>The pod that the caller says it is; null when there is none of that name and uid.</summary>
    private Workload? PodOf(SidecarHello hello) =>
        state.Current.Workloads.TryGetValue(new ObjectKey(hello.Namespace, hello.Pod), out var pod) && pod.Uid == hello.PodUid ? pod : null;

    private async Task<TokenVerdict> ReviewAsync(string? token, CancellationToken cancellationToken)
    {
        if (token?.Length > LongestToken) return new TokenVerdict { Error = "the token is too long" };
        if (string.IsNullOrEmpty(token)) return new TokenVerdict { Error = "no token was shown" };
        var review = await client.CreateAsync(
            new V1TokenReview { Metadata = new V1ObjectMeta(), Spec = new V1TokenReviewSpec { Token = token, Audiences = [WellKnown.TokenAudience] } }, cancellationToken);
        return TokenVerdict.Of(review.Status);
    }

    private bool Tell(string podUid, string refusal)
    {
        if (_told.Count > 10_000) _told.Clear();
        var before = _told.GetValueOrDefault(podUid);
        _told[podUid] = refusal;
        return before != refusal;
    }

    private async Task<ControlMessage> RefuseAsync(SidecarHello hello, CertificateRequest request, IssueQuestion question, IssueVerdict verdict, CancellationToken cancellationToken)
    {
        audit.Refused(hello, question.Pod, verdict, request.Reason, question.Request?.Asked ?? "");
        // It asks again and again: the same answer is no news.
        if (question.Pod is { } pod && Tell(pod.Uid, verdict.Refusal))
        {
            var about = PodReference.Of(pod.Key.Namespace, pod.Key.Name, pod.Uid);
            await events.PublishAsync(about, "CertificateIssueRefused", $"The sidecar gets no certificate: {verdict.Message} ({verdict.Refusal}).", EventType.Warning, cancellationToken);
        }

        return new ControlMessage { Refusal = new Refusal { Reason = $"{verdict.Refusal}: {verdict.Message}" } };
    }
}
