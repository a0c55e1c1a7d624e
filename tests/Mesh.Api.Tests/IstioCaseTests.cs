using System.Text.Json.Nodes;
using Mesh.Api.Validation;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>Istio's own validation cases: the same verdict on each.</summary>
public sealed class IstioCaseTests
{
    [Fact]
    public void Validation_tables_get_istios_verdict()
    {
        var cases = IstioCase.Read(Needs.Cases("istio-validation-tables")).ToList();
        var wrong = cases.Select(c => (Case: c, Errors: Errors(c.Document))).Where(r => r.Case.Accepted == r.Errors.Count > 0).ToList();

        Assert.True(cases.Count > 100, $"only {cases.Count} cases were read");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count} verdicts differ:\n" + string.Join('\n', wrong.Select(w =>
            $"{w.Case.Name}: {(w.Case.Accepted ? "refused" : "accepted")} {string.Join(" | ", w.Errors)}\n    {w.Case.Document.ToJsonString()}")));
    }

    [Fact]
    public void Cases_with_a_warning_are_accepted_with_one()
    {
        foreach (var @case in IstioCase.Read(Needs.Cases("istio-validation-tables")).Where(c => c.Warned && c.Accepted))
            Assert.Contains(DocumentValidator.Validate(YamlJson.Element(@case.Document)), f => f.Severity == Severity.Warning);
    }

    [Fact]
    public void Schema_cases_get_istios_verdict()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var file in Directory.GetFiles(Needs.Cases("istio-api-crd-validation"), "*.yaml").Order(StringComparer.Ordinal))
        {
            foreach (var document in YamlJson.Documents(File.ReadAllText(file)))
            {
                count++;
                var expected = document["_err"]?.GetValue<string>();
                document.AsObject().Remove("_err");
                var errors = Errors(document);
                if ((expected is null) != (errors.Count == 0))
                    wrong.Add($"{Path.GetFileName(file)} {expected}: {document.ToJsonString()}\n    {string.Join(" | ", errors)}");
            }
        }

        Assert.True(count > 80, $"only {count} documents were read");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} verdicts differ:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Every_dataset_document_is_accepted_without_any_finding()
    {
        var count = 0;
        foreach (var file in Directory.GetFiles(Needs.Cases("istio-datasets")))
        {
            foreach (var document in YamlJson.Documents(File.ReadAllText(file)))
            {
                count++;
                Assert.Empty(DocumentValidator.Validate(YamlJson.Element(document)).Where(finding => finding.Severity == Severity.Error).Select(finding => $"{file}: {finding}"));
            }
        }

        Assert.Equal(33, count);
    }

    private static List<Finding> Errors(JsonNode document) =>
        [.. DocumentValidator.Validate(YamlJson.Element(document)).Where(f => f.Severity == Severity.Error)];
}
