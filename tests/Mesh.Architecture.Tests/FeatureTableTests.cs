using Mesh.Testing;

namespace Mesh.Architecture.Tests;

/// <summary>docs/features.md promises per field; a promise names a sample, a golden case and a test that exist.</summary>
public sealed class FeatureTableTests
{
    private sealed record Row(string Field, string State, string Sample, string Golden, string Test);

    private static List<Row> Rows() =>
    [
        .. File.ReadAllLines(Repository.Path("docs/features.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split(" | ").Select(cell => cell.Trim().Trim('`')).ToArray())
            .Select(cells => cells is [var field, var state, _, var sample, var golden, var test] ? new Row(field, state, sample, golden, test)
                : throw new InvalidOperationException($"features.md: a row has six cells: {string.Join(" | ", cells)}")),
    ];

    [Fact]
    public void Every_row_is_yes_or_not_yet() =>
        Places.AssertNone(Rows().Where(row => row.State is not ("yes" or "not yet")).Select(row => row.Field));

    [Fact]
    public void What_works_names_a_sample_and_a_test() =>
        Places.AssertNone(Rows().Where(row => row.State == "yes" && (row.Sample == "-" || row.Test == "-")).Select(row => row.Field));

    [Fact]
    public void Named_samples_exist() =>
        Places.AssertNone(Rows().Where(row => row.Sample != "-" && !File.Exists(Repository.Path($"config/samples/{row.Sample}"))).Select(row => $"{row.Field}: {row.Sample}"));

    [Fact]
    public void Named_golden_cases_exist() =>
        Places.AssertNone(Rows().Where(row => row.Golden != "-" && !Directory.Exists(Repository.Path($"tests/Mesh.Operator.Core.Tests/testdata/{row.Golden}"))).Select(row => $"{row.Field}: {row.Golden}"));

    [Fact]
    public void Named_tests_exist()
    {
        var types = ProjectFile.All.Where(p => p.IsTest).SelectMany(p => p.Sources()).SelectMany(file => file.Types()).ToHashSet();
        Places.AssertNone(Rows().Where(row => row.Test != "-" && !types.Contains(row.Test)).Select(row => $"{row.Field}: {row.Test}"));
    }

    [Fact]
    public void Every_field_of_the_generated_CRDs_has_a_row()
    {
        var rows = Rows().Select(row => row.Field).ToHashSet();
        var missing = new List<string>();
        foreach (var (kind, top) in new[] { ("VirtualService", "virtualservices.networking.istio.io.yaml"), ("DestinationRule", "destinationrules.networking.istio.io.yaml"), ("ServiceEntry", "serviceentries.networking.istio.io.yaml"), ("WorkloadEntry", "workloadentries.networking.istio.io.yaml"), ("Sidecar", "sidecars.networking.istio.io.yaml"), ("PeerAuthentication", "peerauthentications.security.istio.io.yaml"), ("HealthCheck", "healthchecks.mesh.dev.yaml"),
            ("Gateway", "gateways.networking.istio.io.yaml"), ("WorkloadGroup", "workloadgroups.networking.istio.io.yaml"), ("ProxyConfig", "proxyconfigs.networking.istio.io.yaml"), ("EnvoyFilter", "envoyfilters.networking.istio.io.yaml"),
            ("AuthorizationPolicy", "authorizationpolicies.security.istio.io.yaml"), ("RequestAuthentication", "requestauthentications.security.istio.io.yaml"), ("Telemetry", "telemetries.telemetry.istio.io.yaml"),
            ("WasmPlugin", "wasmplugins.extensions.istio.io.yaml"), ("TrafficExtension", "trafficextensions.extensions.istio.io.yaml") })
        {
            var path = Repository.Path($"crds/{top}");
            if (!File.Exists(path)) continue;
            missing.AddRange(CrdFields.Of(path).Select(field => $"{kind}.{field}").Where(field => !rows.Any(row => Covers(row, field))));
        }
        Places.AssertNone(missing);
    }

    /// <summary>A row covers its field and what is below it, unless rows of their own say more.</summary>
    private static bool Covers(string row, string field) => field == row || field.StartsWith(row + ".", StringComparison.Ordinal);
}
