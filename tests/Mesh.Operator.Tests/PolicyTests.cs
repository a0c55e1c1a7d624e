using System.Text.Json.Nodes;
using Mesh.Api;
using Mesh.Config;
using Mesh.Local;
using Mesh.Operator.Webhooks;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>config/policy speaks of names that the code gives: they are the same.</summary>
public sealed class PolicyTests
{
    private static readonly IReadOnlyList<Local.Manifest> Policies = [.. Manifests.Read([Repository.Path("config/policy")])];

    [Fact]
    public void Every_policy_counts_where_it_is_bound_and_fails_closed()
    {
        var policies = Policies.Where(one => one.Kind == "ValidatingAdmissionPolicy").ToList();
        Assert.Equal(["mesh-operator-configmaps", "mesh-operator-names", "mesh-operator-pods", "mesh-operator-secrets", "mesh-records"], policies.Select(one => one.Name).Order());
        Assert.All(policies, one => Assert.Equal("Fail", one.Content["spec"]!["failurePolicy"]!.ToString()));
        var bindings = Policies.Where(one => one.Kind == "ValidatingAdmissionPolicyBinding").ToList();
        Assert.Equal(policies.Select(one => one.Name).Order(), bindings.Select(one => one.Content["spec"]!["policyName"]!.ToString()).Order());
        Assert.All(bindings, one => Assert.Equal("""["Deny"]""", one.Content["spec"]!["validationActions"]!.ToJsonString()));
        Assert.All(Policies, one => Assert.Equal(MeshLabels.PartOfMesh, one.Content["metadata"]!["labels"]![MeshLabels.PartOf]!.ToString()));
    }

    [Fact]
    public void What_is_applied_is_what_is_in_the_folder()
    {
        var files = Directory.GetFiles(Repository.Path("config/policy")).Select(Path.GetFileName).Where(name => name != "kustomization.yaml").Order();
        Assert.Equal(files, Lines("config/policy/kustomization.yaml").Order());
        Assert.Contains("../policy", Lines("config/default/kustomization.yaml"));
    }

    [Fact]
    public void Those_on_the_operator_are_on_its_account_and_that_on_records_on_everybody_else()
    {
        var account = $"system:serviceaccount:{MeshNames.SystemNamespace}:{OperatorOptions.ServiceName}";
        foreach (var policy in Policies.Where(one => one.Kind == "ValidatingAdmissionPolicy"))
        {
            var sign = policy.Name == "mesh-records" ? "!=" : "==";
            Assert.Contains($"request.userInfo.username {sign} '{account}'", policy.Content["spec"]!["matchConditions"]!.AsArray().Select(one => one!["expression"]!.ToString()));
        }
    }

    [Theory]
    [InlineData("mesh-operator-configmaps", $"startsWith('{MeshNames.RecordPrefix}')", $"'{MeshLabels.ManagedBy}'", $"'{MeshLabels.ManagedByOperator}'", $"'{MeshLabels.Hash}'")]
    [InlineData("mesh-operator-secrets", $"'{MeshNames.AuthoritySecret}', '{WebhookCertificates.SecretName}'", $"'{MeshNames.SystemNamespace}'", $"startsWith('{MeshNames.CredentialsPrefix}')", $"labels['{MeshLabels.Record}'] == '{MeshLabels.RecordCredentials}'")]
    [InlineData("mesh-operator-names", $"'{WebhookConfigurations.InjectorName}'", $"'{WebhookConfigurations.ValidatorName}'", $"'leases': '{OperatorOptions.ServiceName}'")]
    [InlineData("mesh-records", $"matches('^{MeshNames.RecordPrefix}[0-9a-f]{{16}}$')", $"'{MeshLabels.Record}'")]
    public void Names_and_labels_are_those_of_the_code(string policy, params string[] words)
    {
        var text = string.Join('\n', Texts(Policies.Single(one => one.Kind == "ValidatingAdmissionPolicy" && one.Name == policy).Content["spec"]!));
        foreach (var word in words) Assert.Contains(word, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_operator_writes_has_a_name_that_it_may_write()
    {
        Assert.StartsWith(MeshNames.RecordPrefix, WellKnown.TrustConfigMap, StringComparison.Ordinal);
        Assert.All(
            new[] { MeshLabels.ConfigRevision, MeshLabels.Credentials }, annotation => Assert.StartsWith("mesh.dev/", annotation, StringComparison.Ordinal));
        var groups = string.Join(", ", ApiKinds.Table.Select(kind => $"'{kind.Group}'").Distinct().Order(StringComparer.Ordinal));
        Assert.Contains($"group in [{groups}]", string.Join('\n', Policies.SelectMany(one => Texts(one.Content))), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(string file) => File.ReadAllLines(Repository.Path(file)).Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..]);

    private static IEnumerable<string> Texts(JsonNode node) => node switch
    {
        JsonObject map => map.SelectMany(pair => pair.Value is null ? [] : Texts(pair.Value)),
        JsonArray list => list.SelectMany(item => item is null ? [] : Texts(item)),
        _ => [node.ToString()],
    };
}
