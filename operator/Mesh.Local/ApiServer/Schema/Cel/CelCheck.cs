using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>
/// Whether an expression can be kept at all: it parses, names only variables and functions that are there, and selects only
/// fields the schema knows. Asked when a rule arrives, so that one nobody could ever evaluate is refused then and not found
/// out at somebody's write.
/// </summary>
internal sealed class CelCheck
{
    private static readonly FrozenSet<string> Functions = FrozenSet.ToFrozenSet([
        "==", "!=", "<", "<=", ">", ">=", "in", "!", "negate", "+", "-", "*", "/", "%", "&&", "||", "?:", "has", "size", "dyn",
        "string", "int", "uint", "double", "bool", "duration", "timestamp", "matches",
        "sets.contains", "sets.equivalent", "sets.intersects", "optional.of", "optional.none"]);

    private static readonly FrozenSet<string> Methods = FrozenSet.ToFrozenSet([
        "size", "contains", "startsWith", "endsWith", "matches", "find", "lowerAscii", "upperAscii", "trim", "charAt", "substring",
        "indexOf", "lastIndexOf", "replace", "split", "join", "isSorted", "sum", "min", "max", "getSeconds", "getMilliseconds",
        "getMinutes", "getHours", "findAll", "format", "hasValue", "value", "orValue", "or"]);

    private readonly string text;
    private readonly Dictionary<string, JsonElement?> variables;

    private CelCheck(string text, Dictionary<string, JsonElement?> variables)
    {
        this.text = text;
        this.variables = variables;
    }

    /// <param name="text">The expression.</param>
    /// <param name="schema">The type of every variable; null where anything may stand.</param>
    /// <param name="names">The variables.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Problem(string text, JsonElement? schema, params string[] names) => Problem(text, names.ToDictionary(name => name, _ => schema));

    /// <param name="text">The expression.</param>
    /// <param name="variables">The variables with their types; null where anything may stand.</param>
    public static string? Problem(string text, IReadOnlyDictionary<string, JsonElement?> variables)
    {
        try
        {
            return new CelCheck(text, new(variables)).Find(CelParser.Parse(text));
        }
        catch (CelError problem)
        {
            return problem.Message;
        }
    }

    private string? Find(CelNode node) => node switch
    {
        CelIdentifier identifier => variables.ContainsKey(identifier.Name) ? null : $"undeclared reference to '{identifier.Name}'",
        CelSelect select => Find(select.Operand) ?? Unknown(select),
        CelIndex index => Find(index.Operand) ?? Find(index.Key),
        CelList list => First(list.Items),
        CelMap map => First(map.Entries.SelectMany(entry => (CelNode[])[entry.Key, entry.Value])),
        CelCall { Function: "all" or "exists" or "exists_one" or "filter" or "map", Target: { } target, Arguments: [CelIdentifier variable, _, ..] } macro =>
            Find(target) ?? Within(variable.Name, ElementOf(target), macro.Arguments.Skip(1)),
        CelCall call when !(call.Target is null ? Functions : Methods).Contains(call.Function) => $"undeclared reference to '{call.Function}'",
        CelCall call => (call.Target is { } owner ? Find(owner) : null) ?? First(call.Arguments),
        _ => null,
    };

    private string? Within(string name, JsonElement? type, IEnumerable<CelNode> nodes) =>
        new CelCheck(text, new Dictionary<string, JsonElement?>(variables) { [name] = type }).First(nodes);

    private string? First(IEnumerable<CelNode> nodes) => nodes.Select(Find).FirstOrDefault(problem => problem is not null);

    private string? Unknown(CelSelect select)
    {
        // A root has these, whether its schema says so or not.
        if (select.Field is "apiVersion" or "kind" or "metadata")
            return null;
        if (TypeOf(select.Operand) is not { } owner || select.Optional || !IsClosed(owner) || owner.At("properties", select.Field) is not null)
            return null;
        var line = text[..select.At].Count(letter => letter == '\n');
        var column = select.At - (line == 0 ? 0 : text.LastIndexOf('\n', select.At - 1) + 1);
        return string.Create(CultureInfo.InvariantCulture,
            $"ERROR: <input>:{line + 1}:{column + 1}: undefined field '{select.Field}'\n | {text.Split('\n')[line]}\n | {new string('.', column)}^");
    }

    /// <summary>An object of which every field is known.</summary>
    private static bool IsClosed(JsonElement schema) => schema.Text("type") == "object" && schema.Count("properties") > 0
        && schema.At("additionalProperties") is null
        && !schema.Flag("x-kubernetes-preserve-unknown-fields") && !schema.Flag("x-kubernetes-embedded-resource");

    private JsonElement? TypeOf(CelNode node) => CelTypes.SchemaOf(node, variables);

    /// <summary>Of a list its items; of a map its keys, which have no fields.</summary>
    private JsonElement? ElementOf(CelNode node) => TypeOf(node)?.At("items");
}
