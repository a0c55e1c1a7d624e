using System.Globalization;
using System.Text;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What is wrong with one field, in the words Kubernetes uses for it.</summary>
internal sealed record FieldProblem(string Field, string Reason, string Message)
{
    public static FieldProblem Required(string field, string detail = "") =>
        new(field, "FieldValueRequired", detail.Length == 0 ? "Required value" : "Required value: " + detail);

    public static FieldProblem Invalid(string field, string value, string detail) =>
        new(field, "FieldValueInvalid", $"Invalid value: {value}: {detail}");

    public static FieldProblem WrongType(string field, string value, string detail) =>
        new(field, "FieldValueTypeInvalid", $"Invalid value: {value}: {detail}");

    public static FieldProblem NotSupported(string field, string value, IEnumerable<string> supported) => new(
        field, "FieldValueNotSupported",
        $"Unsupported value: {value}: supported values: {string.Join(", ", supported.Select(item => $"\"{item}\""))}");

    public static FieldProblem Duplicate(string field, string value) => new(field, "FieldValueDuplicate", "Duplicate value: " + value);

    public static FieldProblem Forbidden(string field, string detail) => new(field, "FieldValueForbidden", "Forbidden: " + detail);

    public static FieldProblem TooMany(string field, int count, long most) =>
        new(field, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items");

    public static FieldProblem TooLong(string field, long most) =>
        new(field, "FieldValueTooLong", $"Too long: may not be more than {most} bytes");

    /// <summary>A text between quotes, as Go prints it.</summary>
    public static string Quote(string value)
    {
        var quoted = new StringBuilder(value.Length + 2).Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append(@"\\"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                < 0x20 or 0x7f => quoted.Append(@"\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture)),
                _ when Rune.IsControl(rune) => quoted.Append(@"\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture)),
                _ => quoted.Append(rune.ToString()),
            };
        }

        return quoted.Append('"').ToString();
    }
}
