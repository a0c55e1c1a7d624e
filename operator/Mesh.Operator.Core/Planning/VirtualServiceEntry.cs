using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A VirtualService with all that can be said of it alone; made once for each spec.</summary>
internal sealed class VirtualServiceEntry
{
    public VirtualServiceEntry(Rule<VirtualServiceSpec> rule, ValueArray<string> exportTo = default)
    {
        ExportTo = rule.Spec.ExportTo.Count > 0 ? rule.Spec.ExportTo : exportTo;
        Rule = rule;
        var spec = rule.Spec;
        Problems = [.. SpecFindings.Of(spec, rule.Namespace), .. RetryAnnotation.Check(rule)];
        IsValid = !Problems.Any(finding => finding.Severity == Severity.Error);
        OnlyIdempotent = RetryAnnotation.IsIdempotent(rule);
        Hosts = [.. spec.Hosts.Select(host => HostNames.Resolve(host, rule.Namespace)).Distinct(StringComparer.Ordinal)];
        IsDelegate = spec.Hosts.Count == 0 && spec.Http.Count > 0;
        Http = [.. spec.Http.Select((route, i) => new HttpRule(rule.Key, i, route) { OnlyIdempotent = OnlyIdempotent })];
        IsOnMesh = spec.Gateways.Count == 0 || spec.Gateways.Contains(MeshNames.MeshGateway);
        RoutesHttp = IsValid && IsOnMesh && Hosts.Length > 0 && spec.Http.Count > 0;
        RoutesConnections = IsValid && IsOnMesh && Hosts.Length > 0 && spec.Tls.Count + spec.Tcp.Count > 0;
        SourceSelectors =
        [
            .. spec.Http.SelectMany(route => route.Match).Select(match => match.SourceLabels)
                .Concat(spec.Tls.SelectMany(route => route.Match).Select(match => match.SourceLabels))
                .Concat(spec.Tcp.SelectMany(route => route.Match).Select(match => match.SourceLabels))
                .Select(labels => LabelSet.Of(labels)).Where(selector => !selector.IsEmpty).Distinct(),
        ];
    }

    public Rule<VirtualServiceSpec> Rule { get; }

    /// <summary>What is wrong with the spec by itself, unsupported fields included.</summary>
    public ImmutableArray<Finding> Problems { get; }

    /// <summary>Nothing in the spec is refused; another is not applied.</summary>
    public bool IsValid { get; }

    /// <summary>Its hosts with their full names.</summary>
    public ImmutableArray<string> Hosts { get; }

    /// <summary>Its rules retry only what may safely be done twice.</summary>
    public bool OnlyIdempotent { get; }

    /// <summary>Without hosts it acts where others delegate to it.</summary>
    public bool IsDelegate { get; }

    /// <summary>Its own HTTP rules.</summary>
    public ImmutableArray<HttpRule> Http { get; }

    /// <summary>Who sees it, as it says or as the mesh does.</summary>
    public IReadOnlyList<string> ExportTo { get; }

    public bool IsOnMesh { get; }

    /// <summary>Takes part in the routing of HTTP between sidecars.</summary>
    public bool RoutesHttp { get; }

    /// <summary>Takes part in the routing of connections that are no HTTP.</summary>
    public bool RoutesConnections { get; }

    public ImmutableArray<LabelSet> SourceSelectors { get; }

    public bool Reaches(string clientNamespace) => Visibility.Reaches(ExportTo, Rule.Namespace, clientNamespace);
}
