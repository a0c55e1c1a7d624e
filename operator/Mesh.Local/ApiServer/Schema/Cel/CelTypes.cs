using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>
/// The type an expression comes out as, as far as its form and the schemas of its variables tell: one of CEL's names, or
/// <c>dyn</c> where only the value will tell. Asked where an expression must come out as one type.
/// </summary>
internal static class CelTypes
{
    public const string Bool = "bool";
    public const string Text = "string";
    public const string Dynamic = "dyn";
    private const string Whole = "int";

    public static string Of(CelNode node, IReadOnlyDictionary<string, JsonElement?> variables) => node switch
    {
        CelLiteral literal => literal.Value switch { bool => Bool, string => Text, long => Whole, double => "double", _ => "null_type" },
        CelList => "list",
        CelMap => "map",
        CelCall call => OfCall(call, variables),
        CelSelect { Optional: true } or CelIndex { Optional: true } => "optional_type",
        _ => Name(SchemaOf(node, variables)),
    };

    /// <summary>The schema of what a path of fields leads to; null where it is not known.</summary>
    public static JsonElement? SchemaOf(CelNode node, IReadOnlyDictionary<string, JsonElement?> variables) => node switch
    {
        CelIdentifier identifier => variables.GetValueOrDefault(identifier.Name),
        CelSelect select => SchemaOf(select.Operand, variables) is { } owner ? owner.At("properties", select.Field) ?? owner.At("additionalProperties") : null,
        CelIndex index => SchemaOf(index.Operand, variables) is { } owner ? owner.At("items") ?? owner.At("additionalProperties") : null,
        _ => null,
    };

    /// <summary>A type as a schema says it, so that what a variable comes out as can be one's type.</summary>
    public static string? SchemaName(string type) => type switch
    {
        Bool => "boolean",
        Text => Text,
        Whole => "integer",
        "double" => "number",
        "list" => "array",
        _ => null,
    };

    private static string OfCall(CelCall call, IReadOnlyDictionary<string, JsonElement?> variables) => call.Function switch
    {
        "==" or "!=" or "<" or "<=" or ">" or ">=" or "in" or "!" or "&&" or "||" or "has" or "all" or "exists" or "exists_one" or "contains" or "startsWith"
            or "endsWith" or "matches" or "isSorted" or "hasValue" or "bool" or "sets.contains" or "sets.equivalent" or "sets.intersects" => Bool,
        "string" or "lowerAscii" or "upperAscii" or "trim" or "charAt" or "substring" or "replace" or "join" or "find" or "format" => Text,
        "size" or "int" or "uint" or "indexOf" or "lastIndexOf" or "getSeconds" or "getMilliseconds" or "getMinutes" or "getHours" => Whole,
        "double" => "double",
        "filter" or "map" or "split" or "findAll" => "list",
        "?:" when Of(call.Arguments[1], variables) is var yes && yes == Of(call.Arguments[2], variables) => yes,
        "+" or "-" or "*" or "/" or "%" or "negate" => call.Arguments.Select(part => Of(part, variables)).FirstOrDefault(type => type != Dynamic) ?? Dynamic,
        _ => Dynamic,
    };

    private static string Name(JsonElement? schema) => schema?.Text("type") switch
    {
        "boolean" => Bool,
        "string" when schema.Value.Text("format") is not ("date-time" or "date" or "duration") => Text,
        "integer" => Whole,
        "number" => "double",
        "array" => "list",
        _ => Dynamic,
    };
}
