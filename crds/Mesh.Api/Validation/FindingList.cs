using System.Globalization;

namespace Mesh.Api.Validation;

/// <summary>Collects what is wrong with one object. Every rule is tried, so a user sees all mistakes at once.</summary>
internal sealed class FindingList(string resource)
{
    private const int LongestValue = 120;
    private readonly List<Finding> findings = [];

    /// <summary>Everything found, errors first, else in the order of the fields.</summary>
    public IReadOnlyList<Finding> ToList() => [.. findings.OrderByDescending(f => f.Severity)];

    /// <summary>The object or a part of it does not work as written.</summary>
    public void Error(string path, object? value, string message, string remedy, string code = FindingCodes.SchemaValidationError) =>
        Add(Severity.Error, code, path, value, message, remedy);

    /// <summary>It works, but probably not as meant.</summary>
    public void Warning(string path, object? value, string message, string remedy, string code = FindingCodes.SchemaWarning) =>
        Add(Severity.Warning, code, path, value, message, remedy);

    /// <summary>Worth knowing.</summary>
    public void Note(string path, object? value, string message, string remedy, string code) =>
        Add(Severity.Info, code, path, value, message, remedy);

    /// <summary>The field still works but has a successor.</summary>
    public void Deprecated(string path, object? value, string successor) =>
        Warning(path, value, "This field is deprecated.", $"Use {successor} instead.", FindingCodes.Deprecated);

    private void Add(Severity severity, string code, string path, object? value, string message, string remedy)
    {
        // A rule of one field and one of several may meet at the same fault.
        if (findings.Any(known => known.Severity == severity && known.Path == path && known.Message == message))
            return;
        findings.Add(new Finding
        {
            Severity = severity,
            Code = code,
            Resource = resource,
            Path = path,
            Value = Shortened(value),
            Message = message,
            Remedy = remedy,
        });
    }

    private static string? Shortened(object? value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) is not { } text || value is null ? null
        : text.Length <= LongestValue ? text
        : text[..LongestValue] + "…";
}
