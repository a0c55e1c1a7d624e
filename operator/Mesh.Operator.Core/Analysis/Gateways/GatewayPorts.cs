using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Gateways;

/// <summary>Gateways for no pod (IST0101), and ports of them that no Service leads to (IST0162).</summary>
internal sealed class GatewayPorts : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var book = new GatewayBook(mesh);
        return mesh.Of<GatewaySpec>().Where(gateway => gateway.Spec.Selector.Count > 0).SelectMany(gateway => Of(gateway, book));
    }

    private static IEnumerable<Finding> Of(Written<GatewaySpec> gateway, GatewayBook book)
    {
        if (book.Pods(gateway.Spec).Count == 0)
        {
            yield return Found.Error(FindingCodes.ReferencedResourceNotFound, gateway.Resource, "spec.selector", LabelSet.Of(gateway.Spec.Selector), "No pod has these labels, so nobody serves this.", "Correct the labels, or start a gateway with them.");
            yield break;
        }

        var ports = book.Ports(gateway.Spec);
        for (var i = 0; i < gateway.Spec.Servers.Count; i++)
        {
            if (gateway.Spec.Servers[i].Port?.Number is { } number && !ports.Contains(number))
                yield return Found.Warning(FindingCodes.GatewayPortNotDefinedOnService, gateway.Resource, $"spec.servers[{i}].port.number", number, "No Service leads to this port of the gateway's pods, so nobody outside reaches it.", "Add the port to the gateway's Service, or correct it here.");
        }
    }
}
