using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>openssl s_client from pods, with papers of all kinds, against the ports that sidecars and operator guard.</summary>
[Collection(MeshCollection.Name)]
public sealed class CertificateTests(RunningMesh running)
{
    private const string Caller = "spiffe://cluster.local/ns/vault/sa/caller";
    private const string Operator = "spiffe://cluster.local/ns/mesh-system/sa/mesh-operator";
    private const int ControlPort = 15012;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_of_the_mesh_takes_no_papers_but_the_meshs(bool strict)
    {
        var stage = await running.Identity();
        var address = $"{stage.IP(stage.Server)}:{IdentityStage.HttpPort}";
        if (strict)
        {
            stage.Require("default", "{mtls: {mode: STRICT}}");
            await Eventually.True(() => IdentityStage.Code(stage.InOutsider, $"http://{address}/") == "000", "clear text is refused");
        }

        using var root = Papers.Root(stage.Mesh);
        using var foreign = new TestAuthority();
        foreach (var (what, papers) in Wrong(root, foreign, Caller))
        {
            var said = Handshakes.Ask(stage.InOutsider, address, papers, Handshakes.MeshHttp);
            Assert.False(Handshakes.Reached(said), $"{what}: {said}");
        }

        // That what was refused above was refused for its papers: the right ones are let in.
        using var good = root.Issue(Caller);
        var answer = Handshakes.Ask(stage.InOutsider, address, Papers.Of(good), Handshakes.MeshHttp);
        Assert.True(Handshakes.Reached(answer), answer);
        Assert.Contains(Caller, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_refuses_TLS_of_the_applications_own()
    {
        var stage = await running.Identity();
        var address = $"{stage.IP(stage.Server)}:{IdentityStage.HttpPort}";
        stage.Require("default", "{mtls: {mode: STRICT}}");
        await Eventually.True(() => IdentityStage.Code(stage.InOutsider, $"http://{address}/") == "000", "clear text is refused");
        foreach (var alpn in new[] { null, "http/1.1", "h2" })
        {
            Assert.False(Handshakes.Reached(Handshakes.Ask(stage.InOutsider, address, Papers.None, alpn)));
            Assert.False(Handshakes.Reached(Handshakes.Ask(stage.InOutsider, address, Papers.SelfSigned(Caller), alpn)));
        }
    }

    [Fact]
    public async Task The_control_port_of_a_sidecar_speaks_to_the_operator_alone()
    {
        var stage = await running.Identity();
        var address = $"{stage.IP(stage.Server)}:{ControlPort}";
        using var root = Papers.Root(stage.Mesh);
        using var foreign = new TestAuthority();
        using var workload = root.Issue(Caller);
        var stolen = Stolen(stage);
        foreach (var (what, papers) in Wrong(root, foreign, Operator).Append(("another workload's", Papers.Of(workload))).Append(("another workload's, really issued", stolen)))
        {
            foreach (var name in new[] { "session.mesh.internal", "issue.mesh.internal" })
            {
                var said = Handshakes.Ask(stage.InOutsider, address, papers, "h2", name);
                Assert.False(SpeaksHttp2(said), $"{what}, {name}: {said}");
            }
        }

        using var real = root.Issue(Operator);
        var answer = Handshakes.Ask(stage.InOutsider, address, Papers.Of(real), "h2", "session.mesh.internal");
        Assert.True(SpeaksHttp2(answer), $"the operator's own papers are taken: {answer}");
    }

    [Fact]
    public async Task The_operators_control_port_opens_no_session_for_papers_it_did_not_issue()
    {
        var stage = await running.Identity();
        var address = stage.Mesh.Kubectl("get", "configmap", "mesh-root", "-n", IdentityStage.Namespace, "-o", "jsonpath={.data.address}").Trim();
        using var root = Papers.Root(stage.Mesh);
        using var foreign = new TestAuthority();
        using var caller = root.Issue(Caller);
        var ip = address[..address.LastIndexOf(':')];
        foreach (var (what, papers) in Wrong(root, foreign, Caller).Append(("another workload's", Papers.Of(caller))))
        {
            var reply = await Impostor.SessionAsync(stage.Mesh.NetworkOf(stage.Outsider), address, papers, stage, stage.Outsider, "outside", token: null);
            Assert.False(reply.Contains("operatorHello", StringComparison.Ordinal), $"{what}: {reply}");
        }

        Assert.NotEmpty(ip);
    }

    /// <summary>Papers that nobody must take.</summary>
    private static List<(string What, Papers Papers)> Wrong(TestAuthority root, TestAuthority foreign, string id)
    {
        using var expired = root.Issue(id, DateTimeOffset.UtcNow.AddHours(-3), DateTimeOffset.UtcNow.AddMinutes(-1));
        using var early = root.Issue(id, DateTimeOffset.UtcNow.AddHours(1), DateTimeOffset.UtcNow.AddHours(3));
        using var other = foreign.Issue(id);
        using var alien = root.Issue(id.Replace("cluster.local", "elsewhere.example", StringComparison.Ordinal));
        return
        [
            ("none", Papers.None),
            ("self-signed", Papers.SelfSigned(id)),
            ("expired", Papers.Of(expired)),
            ("not valid yet", Papers.Of(early)),
            ("of a foreign root with the same name", Papers.Of(other)),
            .. id == Operator ? new[] { ("of another trust domain", Papers.Of(alien)) } : [],
        ];
    }

    /// <summary>A certificate that the operator did issue, for the caller, and its key: as a thief inside that pod would have them.</summary>
    private static Papers Stolen(IdentityStage stage)
    {
        var run = stage.Mesh.Kubectl("exec", "-n", IdentityStage.Namespace, stage.Caller, "-c", "mesh-proxy", "--", "sh", "-c", "cat /var/run/mesh/identity/* 2>/dev/null || cat /var/run/mesh/*.pem");
        return new Papers(Block(run, "CERTIFICATE"), Block(run, "PRIVATE KEY"));
    }

    private static string Block(string text, string label)
    {
        var from = text.IndexOf("-----BEGIN", text.IndexOf(label + "-----", StringComparison.Ordinal) - 30, StringComparison.Ordinal);
        var end = text.IndexOf("-----END", from, StringComparison.Ordinal);
        return text[from..(text.IndexOf('\n', end) is > 0 and var line ? line : text.Length)];
    }

    /// <summary>Past the handshake there is a server that answers openssl's HTTP/1.1 in its own way; what is refused ends with an alert.</summary>
    private static bool SpeaksHttp2(string said) => said.Contains("HTTP/2", StringComparison.Ordinal) || said.Contains('\u0004', StringComparison.Ordinal);
}
