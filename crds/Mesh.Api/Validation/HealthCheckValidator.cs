using System.Globalization;
using Mesh.Api.Health;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a HealthCheck by looking at it alone.</summary>
public static class HealthCheckValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1HealthCheck entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(HealthCheckSpec spec, ObjectHead head) =>
        Validate(spec, head.Namespace, head.Resource);

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(HealthCheckSpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        Whom(found, spec);
        What(found, spec);
        if (spec.Port is 0)
            found.Error("spec.port", 0, "A port is a number between 1 and 65535.", "Write the port to ask, or leave the field out.");
        if (spec is { Interval.IsValid: true, Timeout.IsValid: true } && spec.Timeout.Nanoseconds > spec.Interval.Nanoseconds)
            found.Warning("spec.timeout", spec.Timeout, $"An answer may take longer than the time between two questions ({spec.Interval}): the next is asked after the answer.", "Make it shorter than interval.");
        if (spec.Http is { } http)
            Http(found, "spec.http", http);
        return found.ToList();
    }

    /// <summary>A status code or a range of them as written in <c>expectedStatuses</c>; <c>null</c> when it is neither.</summary>
    public static (int From, int To)? Statuses(string? text)
    {
        var parts = (text ?? "").Split('-', 2, StringSplitOptions.TrimEntries);
        if (!IsStatus(parts[0], out var from) || !IsStatus(parts[^1], out var to) || from > to)
            return null;
        return (from, to);
    }

    private static void Whom(FindingList found, HealthCheckSpec spec)
    {
        if (spec.Host is null == spec.Selector is null)
            found.Error("spec", null, spec.Host is null ? "It is not said whose members are asked." : "host and selector exclude each other.", "Give either host or selector.");
        if (spec.Host is { } host && DnsNames.NameProblem(host) is { } problem && !DnsNames.IsAddress(host))
            found.Error("spec.host", host, $"This is no host: {problem}.", "Write a service's name such as reviews, or a full name.");
        CommonRules.Selector(found, "spec.selector", spec.Selector);
    }

    private static void What(FindingList found, HealthCheckSpec spec)
    {
        var given = new[] { spec.Http is not null, spec.Tcp is not null, spec.Grpc is not null }.Count(one => one);
        if (given != 1)
            found.Error("spec", null, given == 0 ? "It is not said what is asked." : "Only one of http, tcp and grpc may be given.", "Give one of http, tcp and grpc.");
    }

    private static void Http(FindingList found, string path, HttpHealthCheck http)
    {
        if (http.Path is { } target && (!target.StartsWith('/') || target.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))))
            found.Error(path + ".path", target, "A path begins with / and holds no blanks.", "Write it as it stands in the request line, such as /healthz.");
        if (http.Method is { } method && (method.Length == 0 || !method.All(char.IsAsciiLetterUpper)))
            found.Error(path + ".method", method, "This is no method.", "Write GET, HEAD, OPTIONS or another method in capital letters.");
        if (http.Host is { } host && (host.Length == 0 || host.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '/')))
            found.Error(path + ".host", host, "This is no host.", "Write a host, with its port if the header shall carry one.");
        foreach (var (name, value) in http.Headers)
        {
            var at = $"{path}.headers[{name}]";
            if (!HeaderSyntax.IsName(name) || name.StartsWith(':'))
                found.Error(at, name, "This is no name of a header.", "Write letters, digits and hyphens.");
            else if (HeaderSyntax.IsAuthority(name))
                found.Error(at, name, "The host is not set here.", "Write it to http.host.");
            else if ((value ?? "").Any(c => char.IsControl(c) && c != '\t'))
                found.Error(at, value, "This is no value of a header: it holds a control character.", "Remove it.");
        }

        for (var i = 0; i < http.ExpectedStatuses.Count; i++)
        {
            if (Statuses(http.ExpectedStatuses[i]) is null)
                found.Error($"{path}.expectedStatuses[{i}]", http.ExpectedStatuses[i], "This is neither a status code nor a range of them.", "Write \"204\" or \"200-299\", codes between 100 and 599.");
        }
    }

    private static bool IsStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 100 and <= 599;
}
