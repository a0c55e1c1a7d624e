using System.Text.Json.Nodes;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>Istio's own simulation of inbound calls, as far as the plan decides it: whether clear text and mutual TLS are let in.</summary>
public sealed class IstioPeerAuthenticationTests
{
    private static readonly string Pod = Given.MutualPod("p", "app: foo");

    [Fact]
    public void Calls_are_let_in_and_refused_as_in_istio()
    {
        var calls = 0;
        foreach (var @case in Cases("peer_authentication_simulation_test.yaml").Where(@case => @case["calls"] is not null))
        {
            var inbound = Inbound(@case);
            foreach (var call in @case["calls"]!.AsArray())
            {
                var (port, tls) = ((int)(long)call!["Call"]!["Port"]!, (string)call["Call"]!["TLS"]!);
                var mode = inbound.MutualTlsByPort.FirstOrDefault(entry => entry.Port == port)?.Mode ?? inbound.MutualTls;
                var letIn = tls == "MTLS" || mode != MutualTlsMode.Strict;
                Assert.True(letIn == (call["Result"]!["Error"] is null), $"{@case["_case"]}: {call["Name"]}");
                calls++;
            }
        }

        Assert.Equal(12, calls);
    }

    // The calls of these are Go code; what they ask for is in their names.
    [Theory]
    [InlineData("global disable", MutualTlsMode.Disable, null)]
    [InlineData("global strict", MutualTlsMode.Strict, null)]
    [InlineData("global permissive", MutualTlsMode.Permissive, null)]
    [InlineData("global disable and port 9000 strict", MutualTlsMode.Disable, MutualTlsMode.Strict)]
    [InlineData("global disable and port 9000 strict not in service", MutualTlsMode.Disable, MutualTlsMode.Strict)]
    [InlineData("global strict and port 9000 plaintext not in service", MutualTlsMode.Strict, MutualTlsMode.Disable)]
    [InlineData("global plaintext and port 9000 permissive", MutualTlsMode.Disable, MutualTlsMode.Permissive)]
    public void Modes_reach_every_port_those_of_no_service_included(string name, MutualTlsMode whole, MutualTlsMode? of9000)
    {
        var inbound = Inbound(Cases("peer_authentication_simulation_test.yaml").Single(@case => (string?)@case["name"] == name));
        Assert.Equal(whole, inbound.MutualTls);
        Assert.Equal(of9000 is { } mode ? [new PortMutualTls(9000, mode)] : [], inbound.MutualTlsByPort.ToArray());
    }

    [Fact]
    public void The_matrix_s_modes_are_those_of_the_whole_mesh()
    {
        var modes = Cases("inbound_mtls_matrix.yaml").Select(@case => ((string)@case["_case"]!).Split('/')[1]).ToList();
        Assert.NotEmpty(modes);
        foreach (var @case in Cases("inbound_mtls_matrix.yaml").Where(@case => @case["config"] is not null))
            Assert.Equal(((string)@case["_case"]!).Split('/')[1], Inbound(@case).MutualTls.ToString(), ignoreCase: true);
    }

    private static InboundConfig Inbound(JsonNode @case)
    {
        var peers = Yaml.Documents((string)@case["config"]!).Where(document => (string?)document["kind"] == "PeerAuthentication");
        var snapshot = peers.Aggregate(Cluster.Of(Pod), (held, document) =>
        {
            document["metadata"]!["namespace"] ??= "default";
            return held.Put(document);
        });
        return MeshPlanner.Plan(snapshot).ConfigOf("p").Inbound;
    }

    private static IEnumerable<JsonNode> Cases(string file) => Yaml.Documents(File.ReadAllText(Path.Combine(Needs.Cases("istio-simulation"), file)));
}
