using System.Text.RegularExpressions;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Selection;

/// <summary>What a key and a value of a label selector may look like; a selector that can never match is refused.</summary>
internal static partial class LabelSyntax
{
    private const string NameRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string PrefixRule =
        "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string ValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static void CheckKey(string key)
    {
        var parts = key.Split('/');
        if (parts.Length > 2)
            throw Invalid("<nil>", key, "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        if (parts.Length == 2 && parts[0].Length == 0)
            throw Invalid("<nil>", key, "prefix part must be non-empty");
        if (parts.Length == 2 && !Subdomain().IsMatch(parts[0]))
            throw Invalid("<nil>", key, PrefixRule);
        if (parts[^1].Length == 0)
            throw Invalid("<nil>", key, "name part must be non-empty");
        if (parts[^1].Length > 63)
            throw Invalid("<nil>", key, "name part must be no more than 63 bytes");
        if (!Name().IsMatch(parts[^1]))
            throw Invalid("<nil>", key, NameRule);
    }

    public static void CheckValue(string value, string place)
    {
        if (value.Length > 63)
            throw Invalid(place, value, "must be no more than 63 bytes");
        if (value.Length > 0 && !Name().IsMatch(value))
            throw Invalid(place, value, ValueRule);
    }

    private static StatusException Invalid(string place, string value, string rule) =>
        StatusException.BadRequest($"unable to parse requirement: {place}: Invalid value: {FieldProblem.Quote(value)}: {rule}");

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
