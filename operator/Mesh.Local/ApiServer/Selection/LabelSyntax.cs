using System.Text.RegularExpressions;

namespace Mesh.Local.ApiServer.Selection;

/// <summary>What a key and a value of a label may look like, on an object and in a selector.</summary>
internal static partial class LabelSyntax
{
    private const string NameRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string PrefixRule =
        "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string ValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string QualifiedRule =
        "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

    /// <summary>What is wrong with a key ("name" or "prefix/name"); null when nothing is.</summary>
    public static string? KeyProblem(string key) => key.Split('/') switch
    {
        { Length: > 2 } => QualifiedRule,
        ["", _] => "prefix part must be non-empty",
        [var prefix, _] when !Subdomain().IsMatch(prefix) => PrefixRule,
        [.., ""] => "name part must be non-empty",
        [.., { Length: > 63 }] => "name part must be no more than 63 bytes",
        [.., var name] => Name().IsMatch(name) ? null : NameRule,
        _ => null,
    };

    public static string? ValueProblem(string value) => value.Length switch
    {
        0 => null,
        > 63 => "must be no more than 63 bytes",
        _ => Name().IsMatch(value) ? null : ValueRule,
    };

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
