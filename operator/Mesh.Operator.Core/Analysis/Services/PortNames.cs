using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Services;

/// <summary>Names of Service ports that do not tell what is spoken there (IST0118; of names elsewhere IST0150).</summary>
internal sealed class PortNames : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        mesh.Parts.Directory.All.Where(service => !service.IsOfEntry && !SystemNamespaces.Contains(service.Key.Namespace)).SelectMany(Of);

    private static IEnumerable<Finding> Of(Service service)
    {
        var resource = $"Service/{service.Key}";
        foreach (var port in service.Ports)
        {
            if (service.Kind == ServiceKind.ExternalName && port.Protocol is AppProtocol.Auto or AppProtocol.Tcp)
                yield return Found.Warning(FindingCodes.ExternalNameServiceTypeInvalidPortName, resource, "spec.ports", Shown(port),
                    "An ExternalName has no address of its own: on a port that is not said to speak HTTP or TLS its connections cannot be told from others and go wherever the name leads.",
                    "Begin the name of the port with http-, http2-, grpc-, https- or tls-, or set appProtocol.");
            else if (port.Protocol == AppProtocol.Auto)
                yield return Found.Note(FindingCodes.PortNameIsNotUnderNamingConvention, resource, "spec.ports", Shown(port),
                    "The name of the port does not tell its protocol: it is found out for each connection, and a server that speaks first has its callers wait for that.",
                    "Begin the name with http-, grpc-, tcp- or tls-, or set appProtocol.");
        }
    }

    private static object Shown(ServicePort port) => port.Name.Length > 0 ? port.Name : port.Port;
}
