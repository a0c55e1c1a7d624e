using System.Net;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>EndpointSlices: of one type of addresses, which stays, and addresses of that type.</summary>
internal sealed class EndpointSliceRules : KindRules
{
    public override bool HasGeneration(WriteRequest write) => true;

    public override void Default(JsonObject item)
    {
        item.TryAdd("endpoints", null);
        item.TryAdd("ports", null);
        foreach (var endpoint in PodTemplateDefaults.Items(item["endpoints"]))
            endpoint.Default("conditions", new JsonObject());
        foreach (var port in PodTemplateDefaults.Items(item["ports"]))
        {
            port.Default("name", "");
            port.Default("protocol", "TCP");
        }
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var type = item.Text("addressType") ?? "";
        if (type.Length == 0)
            problems.Add(FieldProblem.Required("addressType"));
        else if (type is not ("IPv4" or "IPv6" or "FQDN"))
            problems.Add(FieldProblem.NotSupported("addressType", FieldProblem.Quote(type), ["FQDN", "IPv4", "IPv6"]));
        if (before is not null && before.Json.Text("addressType") != type)
            problems.Add(FieldProblem.Invalid("addressType", FieldProblem.Quote(type), "field is immutable"));
        var index = 0;
        foreach (var endpoint in PodTemplateDefaults.Items(item["endpoints"]))
            Addresses(problems, endpoint["addresses"] as JsonArray ?? [], $"endpoints[{index++}].addresses", type);
    }

    private static void Addresses(List<FieldProblem> problems, JsonArray addresses, string path, string type)
    {
        if (addresses.Count == 0)
            problems.Add(FieldProblem.Required(path, "must contain at least 1 address"));
        for (var i = 0; i < addresses.Count && type is "IPv4" or "IPv6"; i++)
        {
            var text = addresses[i]!.GetValue<string>();
            if (!IPAddress.TryParse(text, out var address))
                problems.Add(FieldProblem.Invalid($"{path}[{i}]", FieldProblem.Quote(text), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            else if ((address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork) != (type == "IPv4"))
                problems.Add(FieldProblem.Invalid($"{path}[{i}]", FieldProblem.Quote(text), $"must be an {type} address"));
        }
    }
}
