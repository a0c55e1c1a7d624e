using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What somebody probably meant.</summary>
internal static class Suggestions
{
    /// <summary>What to do about a host that is no service.</summary>
    public static string ForHost(string written, string ruleNamespace, IEnumerable<Service> services)
    {
        var known = services.ToList();
        var host = HostNames.Resolve(written, ruleNamespace);
        if (known.Any(service => service.Host == $"{host}.svc.{HostNames.ClusterDomain}"))
            return $"A name with a dot is taken as it stands: write {host}.svc.{HostNames.ClusterDomain}.";
        if (HostNames.ServiceOf(host) is { } meant)
        {
            if (Spelling.Nearest(meant.Name, known.Where(service => service.Key.Namespace == meant.Namespace).Select(service => service.Key.Name)) is { } near)
                return $"Did you mean {(host == written ? HostNames.OfService(meant with { Name = near }) : near)}? Else create the Service.";
            if (known.FirstOrDefault(service => service.Key.Name == meant.Name) is { } elsewhere)
                return $"There is one in another namespace: write {elsewhere.Host} if that is meant.";
        }

        return "Correct the name or create the Service.";
    }
}
