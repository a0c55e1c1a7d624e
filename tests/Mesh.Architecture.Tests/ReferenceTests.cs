using System.Text.RegularExpressions;
using Mesh.Testing;

namespace Mesh.Architecture.Tests;

/// <summary>The table of docs/architecture.md: who may know whom. A new arrow is a decision and belongs there first.</summary>
public sealed class ReferenceTests
{
    /// <summary>Projects each may reference, and whether it may use the Kubernetes client.</summary>
    private static readonly Dictionary<string, (string[] Projects, bool Kubernetes)> Table = new()
    {
        // The validator refuses a regex by the very rules by which the sidecar reads it (docs/adr/0012).
        ["Mesh.Api"] = (["Mesh.ProxyConfig"], true),
        ["Mesh.Api.Generator"] = (["Mesh.Api"], true),
        ["Mesh.ProxyConfig"] = ([], false),
        ["Mesh.Sidecar"] = (["Mesh.ProxyConfig"], false),
        ["Mesh.Init"] = (["Mesh.ProxyConfig"], false),
        ["Mesh.Operator.Runtime"] = ([], true),
        ["Mesh.Operator.Core"] = (["Mesh.Api", "Mesh.ProxyConfig"], true),
        ["Mesh.Operator"] = (["Mesh.Operator.Core", "Mesh.Operator.Runtime"], true),
        ["Mesh.Local"] = (["Mesh.Api", "Mesh.Operator.Runtime"], true),
        // `mesh route` asks the sidecar's own routing code, so that it cannot be of another opinion (docs/adr/0017).
        ["Mesh.Cli"] = (["Mesh.Operator.Core", "Mesh.Local", "Mesh.Sidecar"], true),
    };

    [Fact]
    public void Every_product_project_has_a_row_in_the_table() =>
        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), ProjectFile.All.Where(p => !p.IsTest).Select(p => p.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void References_go_one_way_as_the_table_says()
    {
        var wrong = ProjectFile.All.Where(p => !p.IsTest)
            .SelectMany(p => p.Projects.Except(Table[p.Name].Projects).Select(reference => $"{p.Name} -> {reference}"));
        Places.AssertNone(wrong);
    }

    [Fact]
    public void Who_knows_no_Kubernetes_uses_no_Kubernetes_package()
    {
        var wrong = ProjectFile.All.Where(p => !p.IsTest && !Table[p.Name].Kubernetes)
            .SelectMany(p => p.Packages.Where(package => package.Contains("Kube", StringComparison.OrdinalIgnoreCase)).Select(package => $"{p.Name}: {package}"));
        Places.AssertNone(wrong);
    }

    [Fact]
    public void The_contract_has_no_packages() => Assert.Empty(Project("Mesh.ProxyConfig").Packages);

    [Fact]
    public void Who_decides_uses_no_web_server_and_no_proxy()
    {
        foreach (var name in new[] { "Mesh.Api", "Mesh.ProxyConfig", "Mesh.Operator.Core" })
        {
            var text = File.ReadAllText(Project(name).Path);
            Assert.DoesNotContain("Microsoft.AspNetCore.App", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Sdk.Web", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Project(name).Packages, package => package.StartsWith("Yarp", StringComparison.Ordinal) || package.StartsWith("Serilog", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Product_never_references_tests() =>
        Assert.DoesNotContain(ProjectFile.All.Where(p => !p.IsTest).SelectMany(p => p.Projects), name => ProjectFile.All.Any(p => p.Name == name && p.IsTest));

    [Fact]
    public void A_test_project_bears_the_name_of_what_it_tests()
    {
        var names = ProjectFile.All.Select(p => p.Name).ToHashSet();
        string[] own = ["Mesh.Architecture.Tests", "Mesh.EndToEnd.Tests", "Mesh.ApiServer.Conformance.Tests"];
        Places.AssertNone(ProjectFile.All.Where(p => p.Name.EndsWith(".Tests", StringComparison.Ordinal) && !own.Contains(p.Name) && !names.Contains(p.Name[..^".Tests".Length])).Select(p => p.Name));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Repository.Path("Mesh.Operator.sln"));
        Places.AssertNone(ProjectFile.All.Where(p => !solution.Contains(Path.GetFileName(p.Path), StringComparison.Ordinal)).Select(p => p.Name));
    }

    [Fact]
    public void Versions_stand_in_one_file_and_every_package_in_use_has_one()
    {
        Places.AssertNone(ProjectFile.All.Where(p => Regex.IsMatch(File.ReadAllText(p.Path), "<PackageReference[^>]*Version=")).Select(p => p.Name));
        var versions = File.ReadAllText(Repository.Path("Directory.Packages.props"));
        Assert.DoesNotContain(ProjectFile.All.SelectMany(p => p.Packages).Distinct(), package => !versions.Contains($"Include=\"{package}\"", StringComparison.Ordinal));
    }

    private static ProjectFile Project(string name) => ProjectFile.All.Single(p => p.Name == name);
}
