using System.Text.Json.Nodes;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>Istio's own tables of host names and port protocols.</summary>
public sealed class IstioTableTests
{
    [Fact]
    public void Hosts_overlap_as_in_Istio() => ForEach("pkg_config_host_name_test.yaml", "TestNameMatches/", test =>
        HostPattern.Overlap(Text(test, "a"), Text(test, "b")) == Truth(test, "out") || HasEmpty(test));

    [Fact]
    public void Hosts_contain_each_other_as_in_Istio() => ForEach("pkg_config_host_name_test.yaml", "TestNameSubsetOf/", test =>
        HostPattern.IsWithin(Text(test, "a"), Text(test, "b")) == Truth(test, "out") || HasEmpty(test));

    [Fact]
    public void Hosts_are_ordered_by_specificity_as_in_Istio() => ForEach("pkg_config_host_names_test.yaml", "TestNamesSortOrder/", test =>
        List(test, "in").Order(Comparer<string>.Create(HostNames.CompareBySpecificity)).SequenceEqual(List(test, "want")));

    [Fact]
    public void Port_protocols_are_chosen_as_in_Istio() => ForEach("pkg_config_kube_conversion_test.yaml", "TestConvertProtocol/", test =>
        ProtocolSelection.Select((int)((long?)test["port"] ?? 8888), Text(test, "portName"), test["appProto"]?.ToString()) == Protocol(Text(test, "expectedProto")));

    [Fact]
    public void Protocol_names_are_read_as_in_Istio() => ForEach("pkg_config_protocol_instance_test.yaml", "TestParse/", test =>
        Text(test, "out") == "UDP" || (ProtocolSelection.Parse(Text(test, "name")) ?? AppProtocol.Auto) == Protocol(Text(test, "out")));

    [Fact]
    public void Host_header_forms_are_those_of_Istio() => ForEach("pilot_pkg_networking_core_httproute_test.yaml", "TestGenerateVirtualHostDomains/", test =>
    {
        var domain = Text(test["node"]!, "DNSDomain");
        // Our domain is cluster.local; other domains, several clusters' addresses and ServiceEntry aliases are not ours yet.
        if (!domain.EndsWith(".svc.cluster.local", StringComparison.Ordinal) && domain != "example.com") return true;
        if (test["service"]!["ClusterVIPs"] is not null || test["service"]!["Attributes"] is not null) return true;
        var forms = HostNames.HeaderForms(Text(test["service"]!, "Hostname"), domain.Split('.')[0]);
        return forms.Order(StringComparer.Ordinal).SequenceEqual(test["want"]!.AsArray().Select(want => want!.ToString()).Order(StringComparer.Ordinal));
    });

    private static void ForEach(string file, string prefix, Func<JsonNode, bool> holds)
    {
        var folder = Needs.Cases("istio-function-tables");
        var cases = Yaml.Documents(File.ReadAllText(Path.Combine(folder, file)))
            .Where(test => Text(test, "_case").StartsWith(prefix, StringComparison.Ordinal) && test["_unresolved_fields"] is null)
            .ToList();
        Assert.NotEmpty(cases);
        Assert.All(cases, test => Assert.True(holds(test), test.ToJsonString()));
    }

    // An empty name is no host here: the validator refuses it.
    private static bool HasEmpty(JsonNode test) => Text(test, "a").Length == 0 || Text(test, "b").Length == 0;

    private static string Text(JsonNode test, string member) => test[member]?.ToString() ?? "";

    private static bool Truth(JsonNode test, string member) => test[member]!.GetValue<bool>();

    private static IEnumerable<string> List(JsonNode test, string member) => test[member]!.AsObject().Select(pair => pair.Value!.ToString());

    private static AppProtocol Protocol(string istio) => istio switch
    {
        "HTTP" or "HTTP_PROXY" => AppProtocol.Http,
        "HTTP2" or "GRPC" or "GRPC-Web" => AppProtocol.Http2,
        "HTTPS" or "TLS" => AppProtocol.Tls,
        "TCP" or "Mongo" or "Redis" or "MySQL" => AppProtocol.Tcp,
        "UnsupportedProtocol" => AppProtocol.Auto,
        _ => throw new InvalidDataException(istio),
    };
}
