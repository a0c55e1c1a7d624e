using System.Reflection;
using Mesh.Api;
using Mesh.Operator.Core.Analysis.Workloads;
using Mesh.Operator.Core.Injection;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>docs/reference/annotations.md has every label and annotation the code knows, each where it belongs.</summary>
public sealed class AnnotationTableTests
{
    private const string WithoutEffect = "## Known to Istio and without effect here";

    // Of Kubernetes; named by the code that reads it.
    private static readonly string[] Others = ["pod-security.kubernetes.io/enforce"];

    [Fact]
    public void Every_label_and_annotation_of_the_code_has_a_row_and_every_row_is_one()
    {
        var constants = typeof(MeshLabels).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)
            .Where(value => value.Contains('/', StringComparison.Ordinal) || value is MeshLabels.Injection or MeshLabels.Locality or MeshLabels.App or MeshLabels.Version);
        var known = constants.Concat(SidecarAnnotations.ActedOn).Concat(CaptureSettings.ActedOn).Concat(UnusedAnnotations.Names).Concat(Others);
        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), Rows(_ => true).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_annotation_of_Istios_for_pods_acts_or_is_said_not_to()
    {
        var known = SidecarAnnotations.ActedOn.Concat(CaptureSettings.ActedOn).Concat(UnusedAnnotations.Names).ToHashSet();
        Assert.Empty(KnownAnnotations.Names.Where(name => KnownAnnotations.Find(name)!.Kinds.Contains("Pod") && !known.Contains(name)));
        Assert.Empty(UnusedAnnotations.Names.Intersect(SidecarAnnotations.ActedOn.Concat(CaptureSettings.ActedOn)));
    }

    [Fact]
    public void What_has_no_effect_is_said_to_have_none() =>
        Assert.Equal(UnusedAnnotations.Names.Order(StringComparer.Ordinal), Rows(section => section == WithoutEffect).Order(StringComparer.Ordinal));

    private static List<string> Rows(Func<string, bool> ofSection)
    {
        var (section, rows) = ("", new List<string>());
        foreach (var line in File.ReadAllLines(Repository.Path("docs/reference/annotations.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) section = line;
            if (line.StartsWith("| `", StringComparison.Ordinal) && ofSection(section)) rows.Add(line.Split('`')[1]);
        }

        return rows;
    }
}
