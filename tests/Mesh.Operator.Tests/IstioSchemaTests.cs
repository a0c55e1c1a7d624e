using System.Text.RegularExpressions;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>The definitions alone, without any webhook, take and refuse what Istio's do.</summary>
public sealed partial class IstioSchemaTests : IAsyncLifetime
{
    private EmbeddedCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await EmbeddedCluster.StartAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public void Valid_documents_are_taken()
    {
        var documents = Documents("istio-api-crd-validation", "*-valid.yaml").Concat(Documents("istio-datasets", "*.yaml")).ToList();

        var result = Create(documents);

        Assert.True(documents.Count > 50, $"only {documents.Count} documents were read");
        Assert.True(Taken(result).Count == documents.Count, result.Error);
    }

    [Fact]
    public void Invalid_documents_are_refused()
    {
        var documents = Documents("istio-api-crd-validation", "*-invalid.yaml");

        var result = Create(documents);

        Assert.True(documents.Count > 50, $"only {documents.Count} documents were read");
        Assert.Empty(Taken(result));
    }

    [Fact]
    public void Every_sample_is_taken()
    {
        var result = Command.Run("kubectl", ["--kubeconfig", cluster.Kubeconfig, "create", "--dry-run=server", "-f", Repository.Path("config/samples")]);

        // Their namespaces are made by the installation.
        var refused = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("namespaces \"", StringComparison.Ordinal)).ToList();
        Assert.True(refused.Count == 0, string.Join('\n', refused));
    }

    private CommandResult Create(IReadOnlyList<string> documents) =>
        Command.Run("kubectl", ["--kubeconfig", cluster.Kubeconfig, "create", "--dry-run=server", "--validate=false", "-f", "-"], string.Join("\n---\n", documents));

    private static List<string> Taken(CommandResult result) =>
        [.. result.Output.Split('\n').Where(line => line.Contains("created (server dry run)", StringComparison.Ordinal))];

    // As they are written, each under a name of its own: what no document of the API could be is not even sent.
    private static List<string> Documents(string folder, string pattern) =>
    [
        .. Directory.GetFiles(Needs.Cases(folder), pattern).Order(StringComparer.Ordinal)
            .SelectMany(file => Separator().Split(File.ReadAllText(file)))
            .Where(text => text.Contains("\nkind: ", StringComparison.Ordinal) && !text.TrimStart().StartsWith("#_err", StringComparison.Ordinal))
            .Select((text, i) => Name().Replace(Expected().Replace(text, ""), $"metadata:\n  name: case-{i}", 1)),
    ];

    [GeneratedRegex(@"^---.*$", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^_err:.*\n", RegexOptions.Multiline)]
    private static partial Regex Expected();

    [GeneratedRegex(@"metadata:\n\s+name: .*")]
    private static partial Regex Name();
}
