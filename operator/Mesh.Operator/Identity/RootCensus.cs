using Mesh.Operator.Core.Identity;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Identity;

/// <summary>Who trusts what, as far as the cluster tells: the roots that are published, and each live proxy's word.</summary>
public sealed class RootCensus(MeshState state, ReportBook reports, TrustSink published)
{
    /// <summary>Every namespace that should hold these roots does.</summary>
    public bool IsPublished(string rootsPem) => published.IsEverywhere(rootsPem);

    /// <summary>Proxies that run. A pod that has no address yet mounts the roots as they are when it starts.</summary>
    public IReadOnlyCollection<ProxyTrust> Proxies()
    {
        var heard = reports.Current;
        return
        [
            .. state.Current.Workloads.Values
                .Where(workload => workload.IsInMesh && !workload.IsTerminating && workload.Addresses.Count > 0)
                .Select(workload => new ProxyTrust(workload.Key.ToString(), heard.GetValueOrDefault(workload.Uid)?.Report?.Identity)),
        ];
    }
}
