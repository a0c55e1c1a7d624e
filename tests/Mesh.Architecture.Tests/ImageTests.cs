using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mesh.Testing;

namespace Mesh.Architecture.Tests;

/// <summary>What the Dockerfiles and the manifests must agree on; that they build and run is tried by `make images-test`.</summary>
public sealed partial class ImageTests
{
    public static TheoryData<string, string> Images => new()
    {
        { "operator/Dockerfile", "operator/Mesh.Operator" },
        { "sidecar/Dockerfile", "sidecar/Mesh.Sidecar" },
        { "init/Dockerfile", "init/Mesh.Init" },
        { "tests/Mesh.Bookinfo/Dockerfile", "tests/Mesh.Bookinfo" },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_is_given_every_project_that_its_program_is_made_of(string dockerfile, string project)
    {
        var text = File.ReadAllText(Repository.Path(dockerfile));
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        Collect(project, needed);
        // Project files first, so that a change of code alone restores nothing; then the code.
        Places.AssertNone(needed.Where(folder => !text.Contains($"COPY {folder}/{Path.GetFileName(folder)}.csproj {folder}/\n", StringComparison.Ordinal)
                || !text.Contains($"COPY {folder}/ {folder}/\n", StringComparison.Ordinal))
            .Select(folder => $"{dockerfile} does not copy {folder}"));
        Assert.Equal(needed.Count * 2, CopiedProjects().Count(text));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_runs_as_a_user_by_number_names_its_bases_by_argument_and_says_what_it_is(string dockerfile, string project)
    {
        Assert.True(Directory.Exists(Repository.Path(project)));
        var lines = File.ReadAllLines(Repository.Path(dockerfile));
        // The kubelet can tell that a number is not root, and no name.
        Assert.Single(lines, line => NumericUser().IsMatch(line));
        Assert.All(["SDK_IMAGE", "BASE_IMAGE"], argument => Assert.Single(lines, line => PinnedImage(argument).IsMatch(line)));
        Assert.All(lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)), line => Assert.Matches(@"^FROM (\$\{(SDK|BASE)_IMAGE\} AS \w+|scratch)$", line));
        Assert.All(["title", "version", "revision", "source", "licenses"], label => Assert.Contains(lines, line => line.Contains($"org.opencontainers.image.{label}=", StringComparison.Ordinal)));
        // What only BuildKit understands would fail elsewhere.
        Assert.DoesNotContain(lines, line => line.Contains("--mount=", StringComparison.Ordinal) || line.Contains("<<", StringComparison.Ordinal));
    }

    [Fact]
    public void The_manifests_name_the_version_of_the_programs()
    {
        var version = XDocument.Load(Repository.Path("Directory.Build.props")).Descendants("Version").Single().Value;
        var tags = Tag().Matches(File.ReadAllText(Repository.Path("config/default/kustomization.yaml"))).Select(match => match.Groups[1].Value);
        Assert.Equal([version, version, version], tags);
        Assert.Equal(4, Images.Count(row => File.ReadAllText(Repository.Path(row.Data.Item1)).Contains($"ARG VERSION={version}\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_overlay_renames_the_images_that_are_injected_as_well_as_the_operators()
    {
        var kubectl = Needs.Program("kubectl", "kubectl of Debian 13");
        var folder = Directory.CreateTempSubdirectory("mesh-overlay-").FullName;
        try
        {
            File.Copy(Repository.Path("config/default/images.yaml"), $"{folder}/images.yaml");
            File.WriteAllText($"{folder}/kustomization.yaml", $$"""
                resources: [{{Path.GetRelativePath(Real(folder), Real(Repository.Path("config/default")))}}]
                configurations: [images.yaml]
                images:
                - {name: mesh/operator, newName: registry.example/team/mesh/operator, newTag: "7"}
                - {name: mesh/sidecar, newName: registry.example/team/mesh/sidecar, newTag: "8"}
                - {name: mesh/init, newName: registry.example/team/mesh/init, newTag: "9"}
                """);
            var built = Command.Must(kubectl, "kustomize", folder);
            Assert.Contains("image: registry.example/team/mesh/operator:7\n", built);
            Assert.Contains("value: registry.example/team/mesh/sidecar:8\n", built);
            Assert.Contains("value: registry.example/team/mesh/init:9\n", built);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Real(string path) => Command.Must("readlink", "-f", path).Trim();

    private static void Collect(string project, SortedSet<string> folders)
    {
        if (!folders.Add(project)) return;
        foreach (var reference in XDocument.Load(Repository.Path($"{project}/{Path.GetFileName(project)}.csproj")).Descendants("ProjectReference"))
            Collect(Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(Repository.Path(project), reference.Attribute("Include")!.Value)))!), folders);
    }

    [GeneratedRegex(@"^COPY (crds|operator|sidecar|init|tests)/", RegexOptions.Multiline)]
    private static partial Regex CopiedProjects();

    [GeneratedRegex(@"^USER \d+:\d+$")]
    private static partial Regex NumericUser();

    [GeneratedRegex(@"newTag: (\S+)")]
    private static partial Regex Tag();

    private static Regex PinnedImage(string argument) => new($@"^ARG {argument}=\S+:\S*\d{{4,}}\S*$|^ARG {argument}=\S+:\d+\.\d+\.\d+\S*$");
}
