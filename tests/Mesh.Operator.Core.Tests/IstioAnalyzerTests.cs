using System.Text.Json.Nodes;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>What Istio's analysers find, for those whose objects this version knows.</summary>
public sealed class IstioAnalyzerTests
{
    // Kinds of other versions, or findings of the validators, which have tests of their own.
    private static readonly Dictionary<string, string[]> Analyzers = new()
    {
        ["destinationrule.PodNotSelectedAnalyzer"] = ["IST0173"],
        ["service.PortNameAnalyzer"] = ["IST0118"],
    };

    private static readonly string[] Kinds = ["Namespace", "Node", "Pod", "Service", "EndpointSlice", "VirtualService", "DestinationRule"];

    [Fact]
    public void Findings_are_those_of_Istio()
    {
        var folder = Needs.Cases("istio-analyzers");
        var tried = 0;
        foreach (var test in Yaml.Documents(File.ReadAllText(Path.Combine(folder, "expectations.yaml"))).Single().AsArray().Select(test => test!))
        {
            // An ExternalName is warned of by a code of its own, which comes later.
            if (!Analyzers.TryGetValue(test["analyzer"]!.ToString(), out var codes) || test["name"]!.ToString() == "ExternalNameServiceTypeInvalidPortName") continue;
            tried++;
            var expected = test["expected"]!.AsArray().Select(finding => $"{finding!["message"]!.ToString().Split(' ')[0]} {finding["resource"]}").Distinct().Order();
            Assert.Equal((test["name"]!.ToString(), string.Join('\n', expected)), (test["name"]!.ToString(), string.Join('\n', Found(folder, test, codes))));
        }

        Assert.NotEqual(0, tried);
    }

    [Fact]
    public void Of_two_rules_for_one_host_the_losers_are_among_those_Istio_names()
    {
        var folder = Needs.Cases("istio-analyzers");
        var findings = MeshPlanner.Plan(Read(Path.Combine(folder, "testdata/virtualservice_conflictingmeshgatewayhosts.yaml"))).Findings;
        Assert.Equal(
            ["VirtualService/foo/productpage", "VirtualService/foo/ratings", "VirtualService/team2/ratings", "VirtualService/team4/ratings"],
            findings.Where(finding => finding.Code == "IST0109").Select(finding => finding.Resource).Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Found(string folder, JsonNode test, string[] codes) => test["inputFiles"]!.AsArray()
        .Select(file => Read(Path.Combine(folder, file!.ToString())))
        .SelectMany(snapshot => MeshPlanner.Plan(snapshot).Findings)
        // Waypoints belong to a mode of Istio that Mesh does not have: to us their Service is one like any other.
        .Where(finding => codes.Contains(finding.Code) && !finding.Resource.EndsWith("-waypoint", StringComparison.Ordinal))
        .Select(finding => $"{finding.Code} {string.Join(' ', finding.Resource.Split('/', 2))}")
        .Distinct().Order();

    private static MeshSnapshot Read(string file) => Yaml.Documents(File.ReadAllText(file))
        .Where(document => Kinds.Contains(document["kind"]!.ToString()))
        .Aggregate(MeshSnapshot.Empty, (snapshot, document) => snapshot.Put(document));
}
