using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Changes of headers that no proxy makes, though nothing is wrong with how they are written.</summary>
internal static class HeaderFindings
{
    public static IEnumerable<Finding> Of(VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            var http = spec.Http[i];
            foreach (var finding in Of($"spec.http[{i}].headers", http.Headers)) yield return finding;
            for (var j = 0; j < http.Route.Count; j++)
                foreach (var finding in Of($"spec.http[{i}].route[{j}].headers", http.Route[j].Headers)) yield return finding;
        }
    }

    private static IEnumerable<Finding> Of(string path, Headers? headers) => [.. Of($"{path}.request", headers?.Request), .. Of($"{path}.response", headers?.Response)];

    private static IEnumerable<Finding> Of(string path, HeaderOperations? operations)
    {
        if (operations is null) yield break;
        foreach (var name in operations.Remove.Where(IsOfConnection)) yield return Framing($"{path}.remove", name);
        foreach (var (member, headers) in new[] { ("set", operations.Set), ("add", operations.Add) })
        {
            foreach (var (name, value) in headers.OrderBy(header => header.Key, StringComparer.Ordinal))
            {
                var here = $"{path}.{member}[{name}]";
                if (IsOfConnection(name)) yield return Framing(here, name);
                else if (FormatText.Problem(value) is null && FormatText.Unknown(value).ToList() is { Count: > 0 } unknown)
                    yield return Warning(here, value, $"{string.Join(", ", unknown)} has no value in this version; without any other text the header is not written.", "Use an operator of docs/features.md, or leave it out.");
            }
        }
    }

    private static bool IsOfConnection(string name) => HeaderChanges.IsOfConnection(name.ToLowerInvariant());

    private static Finding Framing(string path, string name) =>
        Warning(path, name, "The header frames a message or belongs to one connection: proxies leave it as it is.", "Leave it out.");

    private static Finding Warning(string path, string value, string message, string remedy) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.ValueNotSupportedYet,
        Path = path,
        Value = value,
        Message = message,
        Remedy = remedy,
    };
}
