using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Identity;
using Mesh.Operator.Tests.Control;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests.Lifecycle;

/// <summary>No operator for longer than certificates hold; the time that it takes is in the certificates, not in the test.</summary>
public sealed class AbsentOperatorTests : LifecycleStage
{
    [Fact]
    public async Task What_came_due_or_changed_while_there_was_none_is_made_good_by_the_next()
    {
        var first = await _cluster.StartOperatorAsync();
        var (_, due) = await _pods.RunAsync("client-1", "client");
        var (_, late) = await _pods.RunAsync("client-2", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await ObeysAsync(due, "client-1", "\"7s\"");
        await ObeysAsync(late, "client-2", "\"7s\"");
        await ReadyAsync("reviews");
        var authority = first.Services.GetRequiredService<CertificateAuthority>();
        var trust = await authority.TrustAsync(TestContext.Current.CancellationToken);
        late.Holds(key => Issue(key, trust, late.Certificate!));
        var (held, serial, expired) = ((due.Report.Hash, late.Report.Hash), due.Certificate!.SerialNumber, late.Certificate!.SerialNumber);
        await _cluster.StopOperatorAsync(first);
        await Eventually.True(() => late.Certificate.NotAfter.ToUniversalTime() < DateTime.UtcNow, "a certificate has run out");

        // One asks and nobody is there; rules, endpoints and pods change all the same.
        due.AskForRenewal();
        await _cluster.Api.DeleteAsync<V1ValidatingWebhookConfiguration>(Webhooks.WebhookConfigurations.ValidatorName);
        await ChangeAsync("reviews", "9s");
        await _cluster.Api.ApplyAsync(Make.Slice("reviews", "10.1.0.9"), "test");
        var (_, young) = await _pods.RunAsync("client-3", "client");
        Assert.False(due.IsInSession || late.IsInSession || young.IsInSession);
        Assert.Equal(held, (due.Report.Hash, late.Report.Hash));
        Assert.Equal("9s", (await _cluster.Api.GetAsync<V1VirtualService>("reviews", "default"))!.Spec.Http[0].Timeout?.ToString());

        await _cluster.StartOperatorAsync();
        await Eventually.True(() => due.Certificate!.SerialNumber != serial, "what was due is renewed");
        await Eventually.True(() => late.Certificate!.SerialNumber != expired, "what ran out is issued anew");
        foreach (var (sidecar, pod) in new[] { (due, "client-1"), (late, "client-2"), (young, "client-3") })
        {
            await ObeysAsync(sidecar, pod, "\"9s\"");
            await RecordAsync(pod, "10.1.0.9");
            Assert.True(SpiffeCertificates.TryVerify(sidecar.Certificate, sidecar.Roots, DateTimeOffset.UtcNow, out _, out string why), why);
        }

        var status = await Eventually.Is(
            async () => (await _cluster.Api.GetAsync<V1VirtualService>("reviews", "default"))!.Status!, s => s.Conditions.Any(c => c is { Type: ConditionTypes.Programmed, Status: "True", ObservedGeneration: 2 }), "the status is of now");
        Assert.Equal("True", Assert.Single(status.Conditions, c => c.Type == ConditionTypes.Ready).Status);
    }

    private static X509Certificate2 Issue(ECDsa key, Trust trust, X509Certificate2 like)
    {
        Assert.True(SpiffeCertificates.TryReadId(like, out var id));
        var asked = SigningRequest.Read(SpeakingSidecar.RequestOver(key))!;
        return CertificateIssuer.Issue(trust.Authority, asked.Key, id, DateTimeOffset.UtcNow, TimeSpan.FromSeconds(1), RandomNumberGenerator.GetBytes(CertificateIssuer.SerialLength));
    }
}
