using System.Reflection;
using System.Text;
using k8s.Models;

namespace Mesh.Api.Generator;

/// <summary>Reference pages of the constants a user meets in a status.</summary>
public static class CatalogueWriter
{
    private const string Note = "<!-- Generated from crds/Mesh.Api by `make manifests`. Do not edit. -->\n\n";

    /// <summary>All codes of findings.</summary>
    public static string Findings(XmlDocs docs) =>
        $"# Findings\n\n{Note}{docs.Of(typeof(FindingCodes))}\n\n" +
        "Each finding names its field, the value found there, what is wrong and what to do. Severities: `error` (does not work), `warning` (has no effect, or not the usual one), `info`.\n\n" +
        "`mesh validate -f FILE` finds what one object says by itself, `mesh analyze` what objects say together; both, and the status of each object, use these codes.\n\n" +
        "| code | meaning | for example | what to do |\n|---|---|---|---|\n" +
        string.Concat(Constants(typeof(FindingCodes)).OrderBy(f => (string)f.GetRawConstantValue()!, StringComparer.Ordinal).Select(f => Row(f, docs)));

    /// <summary>All condition types and reasons.</summary>
    public static string Conditions(XmlDocs docs) =>
        $"# Conditions\n\n{Note}{docs.Of(typeof(ConditionTypes))}\n\n" +
        Table("type", "meaning", typeof(ConditionTypes), docs, f => $"`{f.GetRawConstantValue()}`") +
        $"\n## Reasons\n\n{docs.Of(typeof(ConditionReasons))}\n\n" +
        Table("reason", "when", typeof(ConditionReasons), docs, f => $"`{f.GetRawConstantValue()}`");

    /// <summary>The page that leads to all others.</summary>
    public static string Index(XmlDocs docs)
    {
        var text = new StringBuilder($"# Reference\n\n{Note}| page | what |\n|---|---|\n");
        foreach (var kind in ApiKinds.All)
        {
            var name = kind.GetCustomAttribute<KubernetesEntityAttribute>()!.Kind;
            text.Append($"| [{name}]({name.ToLowerInvariant()}.md) | {docs.Of(kind)} |\n");
        }

        text.Append($"| [Conditions](conditions.md) | {docs.Of(typeof(ConditionTypes))} |\n");
        text.Append($"| [Findings](findings.md) | {docs.Of(typeof(FindingCodes))} |\n");
        text.Append("| [Labels and annotations](annotations.md) | Every label and annotation: meaning, default, example, and since when it acts. |\n");
        return text.ToString();
    }

    private static string Row(FieldInfo code, XmlDocs docs)
    {
        var (example, remedy) = FindingExamples.Of((string)code.GetRawConstantValue()!);
        return $"| `{code.GetRawConstantValue()}` {code.Name} | {docs.Of(code)} | {example} | {remedy} |\n";
    }

    private static IEnumerable<FieldInfo> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral);

    private static string Table(string left, string right, Type type, XmlDocs docs, Func<FieldInfo, string> name)
    {
        var text = new StringBuilder($"| {left} | {right} |\n|---|---|\n");
        foreach (var field in Constants(type))
            text.Append($"| {name(field)} | {docs.Of(field)} |\n");
        return text.ToString();
    }
}
