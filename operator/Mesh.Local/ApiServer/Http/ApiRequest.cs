using System.Globalization;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.Local.ApiServer.Http;

/// <summary>A request for objects of one kind, its path and its query understood.</summary>
internal sealed record ApiRequest
{
    private const int LongestManager = 128;
    private const int MostWarnings = 4096;

    public required HttpContext Context { get; init; }

    public required ApiUser User { get; init; }

    public required ResourceCatalog Catalog { get; init; }

    public required ApiResource Resource { get; init; }

    public required ServedVersion Version { get; init; }

    public string Namespace { get; init; } = "";

    /// <summary>Empty for the collection.</summary>
    public string Name { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Came by a path below "watch/".</summary>
    public bool LegacyWatch { get; init; }

    public CancellationToken Cancellation => Context.RequestAborted;

    public string ApiVersion => Resource.ApiVersionOf(Version.Name);

    public string? Query(string name) => Context.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    public bool QueryFlag(string name) => FlagOf(Context.Request.Query[name]);

    /// <summary>As Kubernetes reads a flag: absent, "false" in any case, and "0" are false; whatever else stands there is true.</summary>
    public static bool FlagOf(StringValues values) => values.Count > 0 && !"false".Equals(values[0], StringComparison.OrdinalIgnoreCase) && values[0] != "0";

    public long? QueryNumber(string name)
    {
        if (Query(name) is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw StatusException.BadRequest(
                $"strconv.ParseInt: parsing {FieldProblem.Quote(text)}: invalid syntax");
    }

    /// <summary>"All" or nothing; any other value is refused.</summary>
    public bool DryRun => RequestOptions.DryRun(OptionsKind, Context.Request.Query["dryRun"]);

    /// <summary>How Kubernetes names the query of a request of this kind.</summary>
    public string OptionsKind => Context.Request.Method switch
    {
        "POST" => "CreateOptions",
        "PUT" => "UpdateOptions",
        "PATCH" => "PatchOptions",
        _ => "DeleteOptions",
    };

    /// <summary>The manager of the fields this request writes: as given, else the first part of the User-Agent.</summary>
    public string FieldManager => Query("fieldManager") is { Length: > 0 } given ? Checked(given) : DefaultManager;

    private string Checked(string manager)
    {
        if (manager.Length > LongestManager)
            throw RequestOptions.Invalid(OptionsKind, FieldProblem.TooLong("fieldManager", LongestManager));
        if (manager.Any(char.IsControl))
            throw RequestOptions.Invalid(OptionsKind, FieldProblem.Invalid("fieldManager", FieldProblem.Quote(manager), "should only contain printable characters"));
        return manager;
    }

    private string DefaultManager
    {
        get
        {
            var agent = Context.Request.Headers.UserAgent.ToString();
            var slash = agent.IndexOf('/', StringComparison.Ordinal);
            var name = slash >= 0 ? agent[..slash] : agent;
            return name.Length == 0 ? "unknown" : name.Length > LongestManager ? name[..LongestManager] : name;
        }
    }

    public string FieldValidation => Query("fieldValidation") switch
    {
        null or "" => "Warn",
        "Ignore" or "Warn" or "Strict" => Query("fieldValidation")!,
        var other => throw RequestOptions.Invalid(
            OptionsKind, FieldProblem.NotSupported("fieldValidation", FieldProblem.Quote(other), ["", "Ignore", "Strict", "Warn"])),
    };

    /// <summary>Tells the client something beside the answer: each text once, and no more than a client's headers hold.</summary>
    public void Warn(string text)
    {
        var given = Context.Response.Headers.Warning;
        var warning = "299 - " + FieldProblem.Quote(text);
        if (!given.Contains(warning) && given.Sum(one => one!.Length) + warning.Length <= MostWarnings)
            Context.Response.Headers.Append("Warning", warning);
    }
}
