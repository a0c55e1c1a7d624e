using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>
/// Secrets that rules name, by an operator with the rights of config/rbac and what a namespace's owner gives it: what is read,
/// composed and taken away, and what is said where it may or can not.
/// </summary>
public sealed partial class CredentialTests : IAsyncLifetime
{
    private const string Composed = "mesh-credentials-client";

    private readonly TestAuthority _authority = new("partner");
    private EmbeddedCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync();
        await _cluster.Api.CreateAsync(Make.Service("reviews"));
        await _cluster.Api.CreateAsync(Make.Slice("reviews", "10.1.0.7"));
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_workload_gets_just_what_its_rules_name_and_no_key_stands_anywhere_else()
    {
        await GrantAsync();
        var pair = Pair();
        await _cluster.Api.CreateAsync(Secret("partner", pair));
        await _cluster.Api.CreateAsync(Secret("other", Pair()));
        await _cluster.StartOperatorAsync();
        var pod = await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Pod("stranger-1", "stranger"));
        await _cluster.Api.CreateAsync(Rule());

        var composed = await ComposedAsync(secret => secret?.Data?.Count == 1);
        Assert.Equal(pod.Metadata.Uid, Assert.Single(composed!.Metadata.OwnerReferences).Uid);
        var file = Encoding.UTF8.GetString(composed.Data["partner"]);
        Assert.Equal([pair["tls.crt"], pair["tls.key"], pair["ca.crt"]], Blocks().Matches(file).Select(block => block.Value));
        await RecordAsync($"\"credential\":{{\"name\":\"partner\",\"sha256\":\"{Convert.ToHexStringLower(SHA256.HashData(composed.Data["partner"]))}\"}}");
        await AnnotationAsync(hash => hash is { Length: 16 });
        await StatusAsync(status => Is(status, "ResolvedRefs", "True"));
        Assert.Null(await _cluster.Api.GetAsync<V1Secret>("mesh-credentials-stranger", "default"));

        foreach (var text in new[] { await TextAsync<V1ConfigMap>(), await TextAsync<V1Pod>(), await TextAsync<Eventsv1Event>(), await TextAsync<V1DestinationRule>() })
        {
            Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
            Assert.DoesNotContain(pair["tls.key"].Split('\n')[1], text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_renewed_Secret_reaches_the_workload()
    {
        await GrantAsync();
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule());
        var first = await ComposedAsync(secret => secret?.Data?.Count == 1);
        var told = await AnnotationAsync(hash => hash is not null);

        // As many do it: deleted and made anew.
        await _cluster.Api.DeleteAsync<V1Secret>("partner", "default");
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        var second = await ComposedAsync(secret => secret?.Data is { Count: 1 } data && !data["partner"].SequenceEqual(first!.Data["partner"]));
        Assert.Equal(first!.Metadata.Uid, second!.Metadata.Uid);
        await AnnotationAsync(hash => hash is not null && hash != told);
        await RecordAsync(Convert.ToHexStringLower(SHA256.HashData(second.Data["partner"])));
    }

    [Fact]
    public async Task Trust_alone_is_handed_over_without_a_key_from_the_Secret_beside_it()
    {
        await GrantAsync();
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        using var other = new TestAuthority("other");
        await _cluster.Api.CreateAsync(Secret("partner-cacert", new() { ["cacert"] = other.Root.ExportCertificatePem() }));
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule("SIMPLE"));

        var composed = await ComposedAsync(secret => secret?.Data?.Count == 1);
        Assert.Equal(other.Root.ExportCertificatePem() + "\n", Encoding.UTF8.GetString(composed!.Data["partner_cacert"]));
    }

    [Fact]
    public async Task Without_rights_the_rule_says_which_command_gives_them_and_these_suffice()
    {
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule());

        var status = await StatusAsync(status => Is(status, "ResolvedRefs", "False"));
        var finding = Assert.Single(status.Findings, finding => finding.Severity == Severity.Error);
        Assert.Equal((FindingCodes.CredentialForbidden, "spec.trafficPolicy.tls.credentialName", "partner"), (finding.Code, finding.Path, finding.Value));
        Assert.Contains("Secret default/partner", finding.Message, StringComparison.Ordinal);
        await RecordAsync("The operator may not read Secret default/partner");
        await RunAsync(finding.Remedy!);

        status = await StatusAsync(status => status.Findings.Any(found => found.Message.Contains(Composed, StringComparison.Ordinal)));
        await RunAsync(Assert.Single(status.Findings, found => found.Severity == Severity.Error).Remedy!);

        await StatusAsync(status => Is(status, "ResolvedRefs", "True"));
        await ComposedAsync(secret => secret?.Data?.Count == 1);
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_not_handed_over()
    {
        await GrantAsync();
        var (pair, other) = (Pair(), Pair());
        await _cluster.Api.CreateAsync(Secret("partner", new(pair) { ["tls.key"] = other["tls.key"] }));
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule());

        var status = await StatusAsync(status => Is(status, "ResolvedRefs", "False"));
        Assert.Equal("Secret default/partner cannot be used: tls.key is not the key of the certificate in tls.crt, or one of them cannot be read as PEM.", Assert.Single(status.Findings, found => found.Code == FindingCodes.InvalidCredential).Message);
        Assert.Null(await _cluster.Api.GetAsync<V1Secret>(Composed, "default"));
    }

    [Fact]
    public async Task It_goes_with_the_rule_and_with_the_last_pod()
    {
        await GrantAsync();
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule());
        await ComposedAsync(secret => secret is not null);
        await AnnotationAsync(hash => hash is not null);

        await _cluster.Api.DeleteAsync<V1DestinationRule>("partner", "default");
        await ComposedAsync(secret => secret is null);
        await AnnotationAsync(hash => hash is null);

        await _cluster.Api.CreateAsync(Rule());
        await ComposedAsync(secret => secret is not null);
        await _cluster.Api.DeleteAsync<V1Pod>("client-1", "default");
        await ComposedAsync(secret => secret is null);
    }

    [Fact]
    public async Task A_new_leader_takes_nothing_away_and_clears_what_is_left()
    {
        await GrantAsync();
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        var app = await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule());
        var first = await ComposedAsync(secret => secret is not null);
        await AnnotationAsync(hash => hash is not null);
        await RecordAsync(Convert.ToHexStringLower(SHA256.HashData(first!.Data["partner"])));
        var before = await RevisionAsync();

        await _cluster.StopOperatorAsync(app);
        app = await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await RecordAsync("\"7s\"");
        Assert.Equal(before + 1, await RevisionAsync());
        Assert.Equal(first.Metadata.ResourceVersion, (await _cluster.Api.GetAsync<V1Secret>(Composed, "default"))!.Metadata.ResourceVersion);

        await _cluster.StopOperatorAsync(app);
        await _cluster.Api.DeleteAsync<V1DestinationRule>("partner", "default");
        await _cluster.StartOperatorAsync();
        await ComposedAsync(secret => secret is null);
    }

    [Fact]
    public async Task A_foreign_Secret_of_that_name_is_never_touched()
    {
        await GrantAsync();
        await _cluster.Api.CreateAsync(Secret("partner", Pair()));
        var foreign = await _cluster.Api.CreateAsync(Secret(Composed, new() { ["mine"] = "yes" }));
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Pod("client-1"));
        await _cluster.Api.CreateAsync(Rule());

        await StatusAsync(status => status.Findings.Any(found => found.Message.Contains("was not made by the operator", StringComparison.Ordinal)));
        Assert.Equal(foreign.Metadata.ResourceVersion, (await _cluster.Api.GetAsync<V1Secret>(Composed, "default"))!.Metadata.ResourceVersion);
    }

    private Dictionary<string, string> Pair()
    {
        using var own = _authority.Issue("client");
        return new() { ["tls.crt"] = own.ExportCertificatePem(), ["tls.key"] = own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), ["ca.crt"] = _authority.Root.ExportCertificatePem() };
    }

    private static V1Secret Secret(string name, Dictionary<string, string> data) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Data = data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value)),
    };

    private static V1Pod Pod(string name, string app = "client")
    {
        var pod = Make.MeshedPod(name, app, "v1");
        pod.Spec.Volumes = [new V1Volume { Name = "mesh-credentials", Secret = new V1SecretVolumeSource { SecretName = $"mesh-credentials-{app}", Optional = true } }];
        return pod;
    }

    private static V1DestinationRule Rule(string mode = "MUTUAL") => new()
    {
        Metadata = new V1ObjectMeta { Name = "partner", NamespaceProperty = "default" },
        Spec = new DestinationRuleSpec
        {
            Host = "reviews",
            WorkloadSelector = new WorkloadSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "client" } },
            TrafficPolicy = new TrafficPolicy { Tls = new ClientTlsSettings { Mode = mode, CredentialName = "partner" } },
        },
    };

    /// <summary>What config/credentials gives: to read one Secret and the one beside it, to make some, and to keep one.</summary>
    private async Task GrantAsync()
    {
        await RunAsync(new Core.Credentials.CredentialRights("mesh-system:mesh-operator").ToRead("default", "partner"));
        await RunAsync(new Core.Credentials.CredentialRights("mesh-system:mesh-operator").ToCompose("default", Composed));
    }

    /// <summary>The commands of a remedy, as kubectl would carry them out.</summary>
    private async Task RunAsync(string remedy)
    {
        foreach (var line in remedy.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            Assert.Equal(["kubectl", "create", "-n"], [words[0], words[1], words[3]]);
            var meta = new V1ObjectMeta { Name = words[5], NamespaceProperty = words[4] };
            string[] Flag(string name) => [.. words.Where(word => word.StartsWith($"--{name}=", StringComparison.Ordinal)).Select(word => word[(name.Length + 3)..])];
            if (words[2] == "role")
                await _cluster.Api.CreateAsync(new V1Role { Metadata = meta, Rules = [new V1PolicyRule { ApiGroups = [""], Verbs = [.. Flag("verb").Single().Split(',')], Resources = Flag("resource"), ResourceNames = Flag("resource-name") is { Length: > 0 } names ? names : null }] });
            else
                await _cluster.Api.CreateAsync(new V1RoleBinding
                {
                    Metadata = meta,
                    RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = Flag("role").Single() },
                    Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", NamespaceProperty = Flag("serviceaccount").Single().Split(':')[0], Name = Flag("serviceaccount").Single().Split(':')[1] }],
                });
        }
    }

    private async Task<string> TextAsync<T>() where T : class, IKubernetesObject<V1ObjectMeta> => KubernetesJson.Serialize(await _cluster.Api.ListAsync<T>());

    private Task<V1Secret?> ComposedAsync(Func<V1Secret?, bool> wanted) =>
        Eventually.Is(() => _cluster.Api.GetAsync<V1Secret>(Composed, "default"), wanted, "the composed Secret");

    private Task RecordAsync(string text) =>
        Eventually.Is(() => _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"), record => record?.Data["config.json"].Contains(text, StringComparison.Ordinal) == true, $"a record with {text}");

    private async Task<long> RevisionAsync() =>
        long.Parse((await _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"))!.Metadata.Annotations[MeshLabels.RecordRevision], CultureInfo.InvariantCulture);

    private async Task<string?> AnnotationAsync(Func<string?, bool> wanted) =>
        (await Eventually.Is(() => _cluster.Api.GetAsync<V1Pod>("client-1", "default"), pod => wanted(pod!.Metadata.Annotations.TryGetValue(MeshLabels.Credentials, out var hash) ? hash : null), "the annotation of the pod"))!.Metadata.Annotations.TryGetValue(MeshLabels.Credentials, out var value) ? value : null;

    private async Task<DestinationRuleStatus> StatusAsync(Func<DestinationRuleStatus, bool> wanted) =>
        (await Eventually.Is(() => _cluster.Api.GetAsync<V1DestinationRule>("partner", "default"), rule => rule?.Status is { } status && wanted(status), "the rule's status"))!.Status!;

    private static bool Is(DestinationRuleStatus status, string type, string value) => status.Conditions.Any(condition => condition.Type == type && condition.Status == value);

    [GeneratedRegex("-----BEGIN [^-]+-----[^-]+-----END [^-]+-----")]
    private static partial Regex Blocks();
}
