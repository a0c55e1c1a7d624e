using System.Collections.Frozen;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>
/// Whether an expression can be kept at all: it parses, and names only variables and functions that are there. Asked when a
/// rule arrives, so that one nobody could ever evaluate is refused then and not found out at somebody's write.
/// </summary>
internal static class CelCheck
{
    private static readonly FrozenSet<string> Functions = FrozenSet.ToFrozenSet([
        "==", "!=", "<", "<=", ">", ">=", "in", "!", "negate", "+", "-", "*", "/", "%", "&&", "||", "?:", "has", "size", "dyn",
        "string", "int", "uint", "double", "bool", "duration", "timestamp", "matches"]);

    private static readonly FrozenSet<string> Methods = FrozenSet.ToFrozenSet([
        "size", "contains", "startsWith", "endsWith", "matches", "find", "lowerAscii", "upperAscii", "trim", "charAt", "substring",
        "indexOf", "lastIndexOf", "replace", "split", "join", "isSorted", "sum", "min", "max", "getSeconds", "getMilliseconds",
        "getMinutes", "getHours"]);

    /// <summary>What is wrong; null when nothing is.</summary>
    public static string? Problem(string text, params string[] variables)
    {
        try
        {
            return Find(CelParser.Parse(text), [.. variables]);
        }
        catch (CelError problem)
        {
            return problem.Message;
        }
    }

    private static string? Find(CelNode node, HashSet<string> names) => node switch
    {
        CelIdentifier identifier => names.Contains(identifier.Name) ? null : $"undeclared reference to '{identifier.Name}'",
        CelSelect select => Find(select.Operand, names),
        CelIndex index => Find(index.Operand, names) ?? Find(index.Key, names),
        CelList list => First(list.Items, names),
        CelMap map => First(map.Entries.SelectMany(entry => (CelNode[])[entry.Key, entry.Value]), names),
        CelCall { Function: "all" or "exists" or "exists_one" or "filter" or "map", Target: { } target, Arguments: [CelIdentifier variable, _, ..] } macro =>
            Find(target, names) ?? First(macro.Arguments.Skip(1), [.. names, variable.Name]),
        CelCall call when !(call.Target is null ? Functions : Methods).Contains(call.Function) => $"undeclared reference to '{call.Function}'",
        CelCall call => (call.Target is { } owner ? Find(owner, names) : null) ?? First(call.Arguments, names),
        _ => null,
    };

    private static string? First(IEnumerable<CelNode> nodes, HashSet<string> names) =>
        nodes.Select(node => Find(node, names)).FirstOrDefault(problem => problem is not null);
}
