using System.Security.Cryptography.X509Certificates;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>A pod that lies to the operator gets its own identity or none.</summary>
[Collection(MeshCollection.Name)]
public sealed class IssuingTests(RunningMesh running)
{
    private const string Server = "spiffe://cluster.local/ns/vault/sa/server";

    /// <summary>Meshed, and its application has the token too: the worst a pod's author can do.</summary>
    private const string Liar = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: liar, namespace: vault}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: liar, namespace: vault, labels: {app: liar}}
        spec:
          serviceAccountName: liar
          terminationGracePeriodSeconds: 1
          volumes:
          - name: mine
            projected: {sources: [{serviceAccountToken: {path: mesh, audience: mesh-ca}}, {serviceAccountToken: {path: other, audience: somebody-else}}]}
          containers:
          - {name: liar, image: local/host, command: [sleep, infinity], volumeMounts: [{name: mine, mountPath: /mine}]}
        """;

    [Fact]
    public async Task A_pod_that_lies_gets_its_own_identity_or_none()
    {
        var stage = await running.Identity();
        stage.Mesh.Apply(Liar);
        try
        {
            stage.Mesh.Kubectl("wait", "--for=condition=Ready", "pod/liar", "-n", IdentityStage.Namespace, "--timeout=60s");
            var address = stage.Mesh.Kubectl("get", "configmap", "mesh-root", "-n", IdentityStage.Namespace, "-o", "jsonpath={.data.address}").Trim();
            var network = stage.Mesh.NetworkOf("liar");
            var own = Token(stage, "mesh");

            // It claims another id in its request: what it gets is what the token says.
            var (certificate, said) = await Impostor.IssueAsync(network, address, Impostor.Hello(stage, "liar", IdentityStage.Namespace, own), Server);
            Assert.True(certificate is not null, said);
            Assert.Equal(["URL=spiffe://cluster.local/ns/vault/sa/liar"], Names(certificate));
            Assert.Equal("", certificate.Subject);

            // With that certificate, a session for another pod.
            Assert.DoesNotContain("operatorHello", await Impostor.SessionAsync(network, address, Papers.None, stage, "liar", IdentityStage.Namespace, own), StringComparison.Ordinal);

            // It says it is another pod, with its own token.
            await RefusedAsync(stage, network, address, stage.Server, own, Server);
            // It says it is itself, with another pod's token.
            var stolen = stage.Mesh.Kubectl("exec", "-n", IdentityStage.Namespace, stage.Server, "-c", "mesh-proxy", "--", "cat", "/var/run/secrets/mesh/token");
            await RefusedAsync(stage, network, address, "liar", stolen, Server);
            // A token for somebody else's ears, the API's own, none at all, one with a letter changed.
            await RefusedAsync(stage, network, address, "liar", Token(stage, "other"), Server);
            await RefusedAsync(stage, network, address, "liar", stage.Mesh.Kubectl("create", "token", "liar", "-n", IdentityStage.Namespace).Trim(), Server);
            await RefusedAsync(stage, network, address, "liar", stage.Mesh.Kubectl("create", "token", "liar", "-n", IdentityStage.Namespace, "--audience", "mesh-ca").Trim(), Server);
            await RefusedAsync(stage, network, address, "liar", null, Server);
            await RefusedAsync(stage, network, address, "liar", own[..^4] + (own[^4] == 'A' ? 'B' : 'A') + own[^3..], Server);
            // A request over another key than the one it shows.
            var (other, why) = await Impostor.IssueAsync(network, address, Impostor.Hello(stage, "liar", IdentityStage.Namespace, own), Server, ownKeys: false);
            Assert.True(other is null, why);
        }
        finally
        {
            stage.Mesh.Kubectl("delete", "pod/liar", "-n", IdentityStage.Namespace, "--ignore-not-found", "--wait=true");
        }
    }

    [Fact]
    public async Task A_deleted_pods_token_is_good_for_nothing()
    {
        var stage = await running.Identity();
        stage.Mesh.Apply(Liar);
        stage.Mesh.Kubectl("wait", "--for=condition=Ready", "pod/liar", "-n", IdentityStage.Namespace, "--timeout=60s");
        var token = Token(stage, "mesh");
        var hello = Impostor.Hello(stage, "liar", IdentityStage.Namespace, token);
        var address = stage.Mesh.Kubectl("get", "configmap", "mesh-root", "-n", IdentityStage.Namespace, "-o", "jsonpath={.data.address}").Trim();
        stage.Mesh.Kubectl("delete", "pod/liar", "-n", IdentityStage.Namespace, "--wait=true");
        var (certificate, said) = await Impostor.IssueAsync(stage.Mesh.NetworkOf(stage.Outsider), address, hello, Server);
        Assert.True(certificate is null, said);

        // Another pod of the same name is another pod.
        stage.Mesh.Apply(Liar);
        try
        {
            stage.Mesh.Kubectl("wait", "--for=condition=Ready", "pod/liar", "-n", IdentityStage.Namespace, "--timeout=60s");
            await RefusedAsync(stage, stage.Mesh.NetworkOf("liar"), address, "liar", token, Server);
        }
        finally
        {
            stage.Mesh.Kubectl("delete", "pod/liar", "-n", IdentityStage.Namespace, "--wait=true");
        }
    }

    private static async Task RefusedAsync(IdentityStage stage, string network, string address, string pod, string? token, string wanted)
    {
        var (certificate, said) = await Impostor.IssueAsync(network, address, Impostor.Hello(stage, pod, IdentityStage.Namespace, token), wanted);
        Assert.True(certificate is null, $"issued {string.Join(", ", certificate is null ? [] : Names(certificate))}: {said}");
        if (token is not null) Assert.DoesNotContain(token, said, StringComparison.Ordinal);
    }

    private static string Token(IdentityStage stage, string file) => stage.Exec(IdentityStage.Namespace, "liar", "liar", "cat", $"/mine/{file}").Output.Trim();

    private static string[] Names(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().Format(true).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Replace("URI:", "URL=", StringComparison.Ordinal)).ToArray();
}
