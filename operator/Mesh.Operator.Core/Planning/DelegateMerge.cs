using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// A rule that delegates, and the VirtualService it delegates to -> the rules that act in its place: those of the delegate,
/// narrowed to what the delegating rule takes, with what they leave out inherited from it.
/// </summary>
internal static class DelegateMerge
{
    /// <param name="root">The VirtualService that delegates.</param>
    /// <param name="rule">Its rule that does.</param>
    /// <param name="target">The delegate.</param>
    public static DelegatedRules Of(VirtualServiceEntry root, HttpRoute rule, VirtualServiceEntry target)
    {
        var merged = ImmutableArray.CreateBuilder<HttpRule>();
        var dropped = ImmutableArray.CreateBuilder<DroppedRule>();
        for (var i = 0; i < target.Rule.Spec.Http.Count; i++)
        {
            var (matches, conflict) = Matches(rule.Match, target.Rule.Spec.Http[i].Match);
            if (conflict is not null) dropped.Add(new DroppedRule(i, conflict));
            else merged.Add(new HttpRule(target.Rule.Key, i, Inherit(rule, target.Rule.Spec.Http[i], root.Rule.Namespace) with { Match = matches }) { OnlyIdempotent = target.OnlyIdempotent });
        }

        return new DelegatedRules(merged.ToImmutable(), dropped.ToImmutable());
    }

    /// <summary>The matches of a rule of a delegate; each must be within some match of the delegating rule, else all of it is in conflict.</summary>
    public static (IReadOnlyList<HttpMatchRequest> Matches, string? Conflict) Matches(IReadOnlyList<HttpMatchRequest> root, IReadOnlyList<HttpMatchRequest> delegated)
    {
        if (root.Count == 0) return (delegated, null);
        if (delegated.Count == 0) return (root, null);
        var merged = new List<HttpMatchRequest>();
        for (var i = 0; i < delegated.Count; i++)
        {
            var within = root.Where(match => DelegateConflicts.Find(match, delegated[i]) is null).ToList();
            if (within.Count == 0) return ([], $"match[{i}]: {DelegateConflicts.Find(root[0], delegated[i])}");
            merged.AddRange(within.Select(match => Merge(match, delegated[i])));
        }

        return (merged, null);
    }

    private static HttpMatchRequest Merge(HttpMatchRequest root, HttpMatchRequest own) => own with
    {
        Name = Joined(root.Name, own.Name),
        Uri = own.Uri ?? root.Uri,
        Scheme = own.Scheme ?? root.Scheme,
        Method = own.Method ?? root.Method,
        Authority = own.Authority ?? root.Authority,
        Headers = Both(root.Headers, own.Headers),
        WithoutHeaders = Both(root.WithoutHeaders, own.WithoutHeaders),
        QueryParams = Both(root.QueryParams, own.QueryParams),
        Port = own.Port is > 0 ? own.Port : root.Port,
        SourceLabels = Both(root.SourceLabels, own.SourceLabels),
        SourceNamespace = string.IsNullOrEmpty(own.SourceNamespace) ? root.SourceNamespace : own.SourceNamespace,
        Gateways = own.Gateways.Count > 0 ? own.Gateways : root.Gateways,
        StatPrefix = string.IsNullOrEmpty(own.StatPrefix) ? root.StatPrefix : own.StatPrefix,
    };

    private static HttpRoute Inherit(HttpRoute root, HttpRoute own, string rootNamespace) => own with
    {
        Name = Joined(root.Name, own.Name),
        Rewrite = own.Rewrite ?? root.Rewrite,
        DirectResponse = own.DirectResponse ?? root.DirectResponse,
        Timeout = own.Timeout ?? root.Timeout,
        Retries = own.Retries ?? root.Retries,
        Fault = own.Fault ?? root.Fault,
        // The host of an inherited mirror is completed where it was written.
        Mirror = own.Mirror ?? Full(root.Mirror, rootNamespace),
        MirrorPercent = own.MirrorPercent ?? root.MirrorPercent,
        MirrorPercentage = own.MirrorPercentage ?? root.MirrorPercentage,
        Mirrors = own.Mirrors.Count > 0 ? own.Mirrors : [.. root.Mirrors.Select(mirror => mirror with { Destination = Full(mirror.Destination, rootNamespace) })],
        CorsPolicy = own.CorsPolicy ?? root.CorsPolicy,
        Headers = own.Headers ?? root.Headers,
    };

    private static Destination? Full(Destination? destination, string ruleNamespace) =>
        destination is null ? null : destination with { Host = HostNames.Resolve(destination.Host ?? "", ruleNamespace) };

    private static string? Joined(string? root, string? own) =>
        string.IsNullOrEmpty(own) ? root : string.IsNullOrEmpty(root) ? own : $"{root}-{own}";

    private static IReadOnlyDictionary<string, T> Both<T>(IReadOnlyDictionary<string, T> root, IReadOnlyDictionary<string, T> own)
    {
        if (root.Count == 0) return own;
        if (own.Count == 0) return root;
        var both = new Dictionary<string, T>(root, StringComparer.Ordinal);
        foreach (var (key, value) in own) both[key] = value;
        return both;
    }
}
