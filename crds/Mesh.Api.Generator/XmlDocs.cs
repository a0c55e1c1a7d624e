using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mesh.Api.Generator;

/// <summary>The XML docs of an assembly as plain sentences.</summary>
public sealed partial class XmlDocs
{
    private readonly Dictionary<string, XElement> members;

    private XmlDocs(XDocument document) =>
        members = document.Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);

    /// <summary>The docs of Mesh.Api, which lie beside its assembly.</summary>
    public static XmlDocs OfMeshApi() => new(XDocument.Load(Path.ChangeExtension(typeof(ApiKinds).Assembly.Location, ".xml")));

    /// <summary>What a type is.</summary>
    public string Of(Type type) => Text("T:" + type.FullName);

    /// <summary>What a property means.</summary>
    public string Of(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}");

    /// <summary>What a constant means.</summary>
    public string Of(FieldInfo field) => Text($"F:{field.DeclaringType!.FullName}.{field.Name}");

    private string Text(string member)
    {
        if (!members.TryGetValue(member, out var element) || element.Element("summary") is not { } summary)
            throw new InvalidOperationException($"{member} has no summary: every part of the API is documented.");
        var text = new StringBuilder();
        Append(text, summary);
        return Blanks().Replace(text.ToString(), " ").Trim();
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XText plain:
                    text.Append(plain.Value);
                    break;
                case XElement { Name.LocalName: "c" } code:
                    text.Append('`').Append(code.Value).Append('`');
                    break;
                case XElement { Name.LocalName: "see" } see:
                    text.Append(see.Attribute("cref")!.Value.Split('.', ':')[^1]);
                    break;
                case XElement other:
                    Append(text, other);
                    break;
            }
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
