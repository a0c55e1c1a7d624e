using Mesh.Api;

namespace Mesh.Operator.Core.Analysis.Gateways;

/// <summary>VirtualServices whose hosts their gateway does not serve (IST0132), or that name one made for another kind (IST0165).</summary>
internal sealed class GatewayBindings : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var book = new GatewayBook(mesh);
        foreach (var entry in mesh.Parts.Rules.Entries)
        {
            for (var i = 0; i < entry.Rule.Spec.Gateways.Count; i++)
            {
                var written = entry.Rule.Spec.Gateways[i];
                if (written == MeshNames.MeshGateway) continue;
                if (written.Contains(GatewayBook.Generated, StringComparison.Ordinal))
                {
                    yield return Found.Warning(FindingCodes.ReferencedInternalGateway, entry.Rule.Key.ToString(), $"spec.gateways[{i}]", written,
                        "This Gateway is made by Istio out of one of the Gateway API and may change its name at any time.", "Name the Gateway of the Gateway API itself, or write an HTTPRoute for it.");
                    continue;
                }

                if (!book.Serves(GatewayBook.Resolve(written, entry.Rule.Namespace), entry.Rule.Spec.Hosts, entry.Rule.Namespace))
                    yield return Found.Warning(FindingCodes.VirtualServiceHostNotFoundInGateway, entry.Rule.Key.ToString(), "spec.hosts", string.Join(", ", entry.Rule.Spec.Hosts),
                        $"Gateway {written} serves none of these hosts to rules of {entry.Rule.Namespace}, so none of these rules is reached there.", "Add the host to a server of the Gateway, or correct it here.");
            }
        }
    }
}
