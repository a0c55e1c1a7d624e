using System.Collections.Frozen;
using System.Reflection;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// What Kubernetes says of its own kinds and fields. Enters at build time from the client library's documentation
/// (descriptions.xslt), is read on the first question, and leaves in OpenAPI documents and table columns.
/// </summary>
internal static class Descriptions
{
    private static readonly Lazy<FrozenDictionary<string, string>> All = new(Read);

    public static string? Of(Type type) => All.Value.GetValueOrDefault("T:" + type.FullName);

    public static string? Of(PropertyInfo property) => All.Value.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static FrozenDictionary<string, string> Read()
    {
        using var text = new StreamReader(typeof(Descriptions).Assembly.GetManifestResourceStream("descriptions.txt")!);
        var found = new Dictionary<string, string>();
        string? name = null;
        var lines = new List<string>();
        while (text.ReadLine() is { } line)
        {
            if (line.StartsWith('='))
            {
                Add(found, name, lines);
                name = line[1..];
                lines.Clear();
            }
            else
            {
                lines.Add(line.Trim());
            }
        }

        Add(found, name, lines);
        return found.ToFrozenDictionary();
    }

    /// <summary>Lines were broken where they got long; only an empty one, or an item of a list, begins anew.</summary>
    private static void Add(Dictionary<string, string> found, string? name, List<string> lines)
    {
        if (name is null)
            return;
        var joined = new System.Text.StringBuilder();
        var empty = 0;
        foreach (var line in lines)
        {
            if (line.Length == 0)
            {
                empty++;
                continue;
            }

            if (joined.Length > 0)
                joined.Append(empty > 0 ? "\n\n" : line.StartsWith("- ", StringComparison.Ordinal) || line.StartsWith("* ", StringComparison.Ordinal) ? "\n" : " ");
            joined.Append(line);
            empty = 0;
        }

        if (joined.Length > 0)
            found[name] = joined.ToString();
    }
}
