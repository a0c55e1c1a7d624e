using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Everything wrong anywhere: the rules' findings, and those about Services and mesh-wide settings.</summary>
internal static class MeshFindings
{
    public static IEnumerable<Finding> Of(PlanParts parts, ImmutableSortedDictionary<RuleKey, RuleVerdict> verdicts) =>
        parts.Snapshot.Settings.Findings.Items
            .Concat(parts.Directory.All.SelectMany(Services))
            .Concat(verdicts.Values.SelectMany(verdict => verdict.Findings));

    // Nobody can rename the ports of what the cluster brings along.
    private static readonly ImmutableHashSet<string> SystemNamespaces =
        ["kube-system", "kube-public", "kube-node-lease", MeshNames.SystemNamespace, MeshNames.RootNamespace];

    private static IEnumerable<Finding> Services(Service service)
    {
        if (SystemNamespaces.Contains(service.Key.Namespace) || service.IsOfEntry) yield break;
        foreach (var port in service.Ports)
        {
            if (port.Protocol != AppProtocol.Auto) continue;
            yield return new Finding
            {
                Severity = Severity.Info,
                Code = FindingCodes.PortNameIsNotUnderNamingConvention,
                Resource = $"Service/{service.Key}",
                Path = "spec.ports",
                Value = port.Name.Length > 0 ? port.Name : port.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Message = "The name of the port does not tell its protocol: it is found out for each connection, and a server that speaks first has its callers wait for that.",
                Remedy = "Begin the name with http-, grpc-, tcp- or tls-, or set appProtocol.",
            };
        }
    }
}
