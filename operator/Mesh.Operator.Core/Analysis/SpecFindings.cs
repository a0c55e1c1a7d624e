using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What is wrong with a spec by itself: broken rules of its kind, and fields this version does not act on.</summary>
internal static class SpecFindings
{
    public static ImmutableArray<Finding> Of(VirtualServiceSpec spec, string ruleNamespace) =>
        [.. VirtualServiceValidator.Validate(spec, ruleNamespace), .. Untellable(spec, ruleNamespace), .. HeaderFindings.Of(spec), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(DestinationRuleSpec spec, string ruleNamespace) =>
        [.. DestinationRuleValidator.Validate(spec, ruleNamespace), .. Untellable(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(ServiceEntrySpec spec, string ruleNamespace) =>
        [.. ServiceEntryValidator.Validate(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(WorkloadEntrySpec spec, string ruleNamespace) =>
        [.. WorkloadEntryValidator.Validate(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(SidecarSpec spec, string ruleNamespace) =>
        [.. SidecarValidator.Validate(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(ProxyConfigSpec spec, RuleKey rule) =>
        [.. ProxyConfigResourceValidator.Validate(spec, new ObjectHead { Namespace = rule.Object.Namespace, Name = rule.Object.Name }), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(HealthCheckSpec spec, string ruleNamespace) =>
        [.. HealthCheckValidator.Validate(spec, ruleNamespace)];

    public static ImmutableArray<Finding> Of(PeerAuthenticationSpec spec, string ruleNamespace) =>
        [.. PeerAuthenticationValidator.Validate(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];

    // The last gate before proxies, by their own rules: one match they cannot take would have each of them refuse its whole
    // config. What the validator refuses for the same reason is told once.
    private static IEnumerable<Finding> Untellable(VirtualServiceSpec spec, string ruleNamespace)
    {
        if (VirtualServiceValidator.Validate(spec, ruleNamespace).Any(finding => finding.Severity == Severity.Error)) yield break;
        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            var forms = HostNames.HeaderForms(HostNames.Resolve(spec.Hosts[i], ruleNamespace), ruleNamespace);
            foreach (var problem in Problems([.. forms], new Route { Broken = Any })) yield return Error($"spec.hosts[{i}]", problem);
        }

        for (var i = 0; i < spec.Http.Count; i++)
        {
            foreach (var problem in Problems(["any"], RouteOf(spec.Http[i]))) yield return Error($"spec.http[{i}]", problem);
            for (var j = 0; j < spec.Http[i].Match.Count; j++)
                foreach (var problem in Problems(["any"], new Route { Matches = [MatchTranslator.Translate(spec.Http[i].Match[j])], Broken = Any })) yield return Error($"spec.http[{i}].match[{j}]", problem);
        }
    }

    // The same for policies, tried on a service that has every port they name.
    private static IEnumerable<Finding> Untellable(DestinationRuleSpec spec, string ruleNamespace)
    {
        if (DestinationRuleValidator.Validate(spec, ruleNamespace).Any(finding => finding.Severity == Severity.Error)) yield break;
        var numbers = spec.Subsets.Select(subset => subset.TrafficPolicy).Prepend(spec.TrafficPolicy).OfType<TrafficPolicy>()
            .SelectMany(policy => policy.PortLevelSettings).Select(port => port.Port?.Number ?? 0).Where(number => number > 0).Append(AnyPort).Distinct();
        var service = new Service
        {
            Key = new ObjectKey(ruleNamespace, "any"),
            Ports = [.. numbers.Order().Select(number => new ServicePort { Name = "http", Port = number, TargetPort = number, Protocol = AppProtocol.Http })],
        };
        var policy = new DestinationPolicy { Rules = [], TrafficPolicy = spec.TrafficPolicy, Subsets = [.. spec.Subsets.Where(subset => !string.IsNullOrEmpty(subset.Name)).DistinctBy(subset => subset.Name)] };
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cluster in ClusterTranslator.Translate(service, policy, HealthPolicy.None, ClusterDefaults.Of(MeshWideSettings.Default)).Clusters)
        {
            foreach (var problem in ProxyConfigValidator.Validate(cluster))
            {
                var place = cluster.Subset.Length == 0 ? "spec.trafficPolicy" : $"spec.subsets[{spec.Subsets.ToList().FindIndex(subset => subset.Name == cluster.Subset)}]";
                if (told.Add($"{place} {problem.Message}")) yield return Error(place, problem);
            }
        }
    }

    private const int AnyPort = 65535;

    private static readonly BrokenRoute Any = new() { Status = 500, Message = "" };

    // Where it leads is another question.
    private static Route RouteOf(HttpRoute http)
    {
        var route = RouteActions.Of(http, null);
        return route is { Redirect: null, DirectResponse: null, Broken: null }
            ? route with { Destinations = [.. http.Route.Select(destination => new WeightedCluster { Cluster = "any", Broken = Any, Headers = RouteActions.Headers(http, destination, route.Rewrite) })] }
            : route;
    }

    private static ImmutableArray<ConfigProblem> Problems(ImmutableArray<string> domains, Route route) => ProxyConfigValidator.Validate(new RouteTable
    {
        Name = "any",
        VirtualHosts =
        [
            new VirtualHost
            {
                Name = "any",
                Domains = domains,
                Routes = [route],
            },
        ],
    });

    private static Finding Error(string path, ConfigProblem problem) => new()
    {
        Severity = Severity.Error,
        Code = FindingCodes.SchemaValidationError,
        Path = path,
        Message = $"No proxy can be told this: {problem.Message}.",
        Remedy = "Correct it, or leave it out.",
    };
}
