using System.Net;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Services: defaults, their address and node ports taken and given back, and what their ports must be.</summary>
internal sealed class ServiceRules(ServiceAddresses addresses) : KindRules
{
    public override void PrepareCreate(JsonObject item)
    {
        item["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        Families(item.Section("spec"));
    }

    public override void PrepareUpdate(JsonObject item, StoredObject before, string subresource)
    {
        var (spec, old) = (item.Section("spec"), before.Edit().Section("spec"));
        // A full replacement that does not know the address keeps it, unless it turns the Service into one without.
        if (spec.Text("type") == "ExternalName" || old.Text("type") == "ExternalName")
        {
            Families(spec);
            return;
        }

        foreach (var kept in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (!spec.ContainsKey(kept))
                spec.CopyFrom(old, kept);
        }

        if (spec.Text("type") is not ("NodePort" or "LoadBalancer"))
            return;
        foreach (var port in PodTemplateDefaults.Items(spec["ports"]).Where(port => port["nodePort"] is null))
        {
            var same = PodTemplateDefaults.Items(old["ports"]).FirstOrDefault(one =>
                JsonNode.DeepEquals(one["port"], port["port"]) && (one.Text("protocol") ?? "TCP") == (port.Text("protocol") ?? "TCP"));
            if (same?["nodePort"] is { } number)
                port["nodePort"] = number.DeepClone();
        }
    }

    public override void Default(JsonObject item)
    {
        var spec = item.Section("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (spec.Text("sessionAffinity") == "ClientIP")
            spec.Section("sessionAffinityConfig").Section("clientIP").Default("timeoutSeconds", 10800);
        foreach (var port in PodTemplateDefaults.Items(spec["ports"]))
        {
            port.Default("protocol", "TCP");
            if (port["port"] is { } number)
                port.Default("targetPort", number.DeepClone());
        }

        if (spec.Text("type") == "ExternalName")
            return;
        spec.Default("internalTrafficPolicy", "Cluster");
        if (spec.Text("type") is "NodePort" or "LoadBalancer")
            spec.Default("externalTrafficPolicy", "Cluster");
        if (spec.Text("type") == "LoadBalancer")
            spec.Default("allocateLoadBalancerNodePorts", true);
    }

    /// <summary>Which families a Service has is given to it with its address, and is nobody's choice.</summary>
    private void Families(JsonObject spec)
    {
        if (spec.Text("type") == "ExternalName")
            return;
        spec.Default("ipFamilies", new JsonArray(addresses.Network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "IPv4" : "IPv6"));
        spec.Default("ipFamilyPolicy", "SingleStack");
    }

    /// <summary>What a Service of another type had goes last: whoever wrote it keeps it, in what he manages.</summary>
    private static void Drop(JsonObject spec)
    {
        if (spec.Text("type") is "NodePort" or "LoadBalancer")
            return;
        spec.Remove("externalTrafficPolicy");
        foreach (var port in PodTemplateDefaults.Items(spec["ports"]))
            port.Remove("nodePort");
        if (spec.Text("type") != "ExternalName")
            return;
        foreach (var needless in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"])
            spec.Remove(needless);
    }

    public override void Allocate(JsonObject item, StoredObject? before)
    {
        var spec = item.Section("spec");
        Drop(spec);
        if (spec.Text("type") == "ExternalName")
            return;
        var old = before?.Json.Text("spec", "clusterIP");
        var wanted = spec.Text("clusterIP") ?? "";
        var name = item.Text("metadata", "name") ?? "";
        if (wanted.Length == 0)
            wanted = (addresses.Take() ?? throw StatusException.Internal("failed to allocate a serviceIP: range is full")).ToString();
        else if (wanted != "None" && wanted != old && IPAddress.TryParse(wanted, out var address) && !addresses.TryTake(address))
            throw Taken(name, wanted, addresses.Network.Contains(address) ? "provided IP is already allocated" : "the provided network does not match the current range");
        spec["clusterIP"] = wanted;
        spec["clusterIPs"] = new JsonArray(wanted);
        NodePorts(spec, before, name);
    }

    public override void Release(JsonObject item, ObjectStore store)
    {
        var stored = store.Find("services", item.Text("metadata", "namespace") ?? "", item.Text("metadata", "name") ?? "");
        if (stored?.Uid != item.Text("metadata", "uid"))
            Free(item.ToElement());
    }

    public override void Removed(StoredObject last) => Free(last.Json);

    public override void Restored(StoredObject item)
    {
        if (IPAddress.TryParse(item.Json.Text("spec", "clusterIP"), out var address))
            addresses.TryTake(address);
        foreach (var port in item.Json.Items("spec", "ports").Select(port => port.Integer("nodePort")).OfType<long>())
            addresses.TryTakePort((int)port);
    }

    public override void Replaced(StoredObject before, StoredObject after)
    {
        var old = before.Json.Text("spec", "clusterIP");
        if (old != after.Json.Text("spec", "clusterIP") && IPAddress.TryParse(old, out var address))
            addresses.Free(address);
        var kept = after.Json.Items("spec", "ports").Select(port => port.Integer("nodePort")).ToHashSet();
        foreach (var port in before.Json.Items("spec", "ports").Select(port => port.Integer("nodePort")).Where(port => port is not null && !kept.Contains(port)))
            addresses.FreePort((int)port!.Value);
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var spec = item.Section("spec");
        var type = spec.Text("type") ?? "";
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
            problems.Add(FieldProblem.NotSupported("spec.type", FieldProblem.Quote(type), ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]));
        if (type == "ExternalName" && spec.Text("externalName") is not { Length: > 0 })
            problems.Add(FieldProblem.Required("spec.externalName"));
        ServicePortCheck.Add(problems, spec, type);
        var address = spec.Text("clusterIP");
        if ((spec["ipFamilies"] as JsonArray)?.Any(family => family!.GetValue<string>() != Family) == true)
            problems.Add(FieldProblem.Invalid("spec.ipFamilies[0]", spec.List("ipFamilies")![0]!.ToJsonString(), "not configured on this cluster"));
        if (spec.Text("ipFamilyPolicy") is "RequireDualStack")
            problems.Add(FieldProblem.Invalid("spec.ipFamilyPolicy", "\"RequireDualStack\"", "this cluster is not configured for dual-stack services"));
        if (address is { Length: > 0 } and not "None" && !IPAddress.TryParse(address, out _))
            problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", FieldProblem.Quote(address), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        if (before?.Json.Text("spec", "clusterIP") is { Length: > 0 } old && type != "ExternalName" && address != old)
            problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", $"[{FieldProblem.Quote(address ?? "")}]", "may not change once set"));
    }

    private void NodePorts(JsonObject spec, StoredObject? before, string name)
    {
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer") || spec["allocateLoadBalancerNodePorts"] is not null && !spec.Flag("allocateLoadBalancerNodePorts"))
            return;
        var held = before?.Json.Items("spec", "ports").Select(port => port.Integer("nodePort")).ToHashSet() ?? [];
        foreach (var (index, port) in PodTemplateDefaults.Items(spec["ports"]).Index())
        {
            var wanted = port.Integer("nodePort") ?? 0;
            if (wanted == 0)
                port["nodePort"] = addresses.TakePort() ?? throw StatusException.Internal("failed to allocate a nodePort: range is full");
            else if (!held.Contains(wanted) && !addresses.TryTakePort((int)wanted))
                throw TakenPort(name, index, wanted);
        }
    }

    private string Family => addresses.Network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "IPv4" : "IPv6";

    private void Free(System.Text.Json.JsonElement item)
    {
        if (IPAddress.TryParse(item.Text("spec", "clusterIP"), out var address))
            addresses.Free(address);
        foreach (var port in item.Items("spec", "ports").Select(port => port.Integer("nodePort")).OfType<long>())
            addresses.FreePort((int)port);
    }

    private static StatusException Taken(string name, string address, string problem) => Refused(
        name, FieldProblem.Invalid("spec.clusterIPs", $"[\"{address}\"]", "failed to allocate IP " + address + ": " + problem));

    private static StatusException TakenPort(string name, int index, long port) => Refused(
        name,
        FieldProblem.Invalid(
            $"spec.ports[{index}].nodePort", port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ServiceAddresses.IsNodePort(port) ? "provided port is already allocated" : "provided port is not in the valid range. The range of valid ports is 30000-32767"));

    private static StatusException Refused(string name, FieldProblem problem) =>
        StatusException.Invalid(Resources.BuiltInResources.All.First(resource => resource is { Group: "", Kind: "Service" }), name, [problem]);
}
