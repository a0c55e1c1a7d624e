using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>The ports of a Service: given, in range, named when there are several, none twice.</summary>
internal static class ServicePortCheck
{
    public static void Add(List<FieldProblem> problems, JsonObject spec, string type)
    {
        var ports = PodTemplateDefaults.Items(spec["ports"]).ToList();
        if (ports.Count == 0 && type != "ExternalName" && spec.Text("clusterIP") != "None")
            problems.Add(FieldProblem.Required("spec.ports"));
        var names = new HashSet<string>();
        var numbers = new HashSet<string>();
        for (var i = 0; i < ports.Count; i++)
        {
            var path = $"spec.ports[{i}]";
            var name = ports[i].Text("name") ?? "";
            if (name.Length == 0 && ports.Count > 1)
                problems.Add(FieldProblem.Required(path + ".name"));
            else if (name.Length > 0 && !names.Add(name))
                problems.Add(FieldProblem.Duplicate(path + ".name", FieldProblem.Quote(name)));
            PodTemplateCheck.Port(problems, ports[i]["port"] ?? 0, path + ".port");
            if (ports[i].Text("protocol") is not ("TCP" or "UDP" or "SCTP") and { } protocol)
                problems.Add(FieldProblem.NotSupported(path + ".protocol", FieldProblem.Quote(protocol), ["SCTP", "TCP", "UDP"]));
            PodTemplateCheck.Port(problems, ports[i]["targetPort"], path + ".targetPort");
            if (ports[i].Text("targetPort") is { Length: > 15 } target)
                problems.Add(FieldProblem.Invalid(path + ".targetPort", FieldProblem.Quote(target), "must be no more than 15 characters"));
            if (!numbers.Add($"{ports[i].Text("protocol")}/{ports[i]["port"]?.ToJsonString()}"))
                problems.Add(FieldProblem.Duplicate(path, InGo(ports[i])));
        }
    }

    /// <summary>Kubernetes shows what the two ports share under the field names of its own type.</summary>
    private static string InGo(JsonObject port) => new JsonObject
    {
        ["Name"] = "",
        ["Protocol"] = port.Text("protocol"),
        ["AppProtocol"] = null,
        ["Port"] = port["port"]?.DeepClone(),
        ["TargetPort"] = 0,
        ["NodePort"] = 0,
    }.ToJsonString();
}
