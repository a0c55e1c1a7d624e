using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>What would make a pod's spec impossible to run.</summary>
internal static class PodTemplateCheck
{
    public static void Add(List<FieldProblem> problems, JsonObject spec, string path)
    {
        var volumes = PodTemplateDefaults.Items(spec["volumes"]).Select(volume => volume.Text("name") ?? "").ToHashSet();
        VolumeCheck.Add(problems, spec["volumes"], path + ".volumes");
        var names = new HashSet<string>();
        var containers = PodTemplateDefaults.Items(spec["containers"]).ToList();
        if (containers.Count == 0)
            problems.Add(FieldProblem.Required(path + ".containers"));
        for (var i = 0; i < containers.Count; i++)
            Container(problems, containers[i], $"{path}.containers[{i}]", names, volumes);
        var init = PodTemplateDefaults.Items(spec["initContainers"]).ToList();
        for (var i = 0; i < init.Count; i++)
            Container(problems, init[i], $"{path}.initContainers[{i}]", names, volumes);
        if (spec.Text("restartPolicy") is { } policy && policy is not ("Always" or "OnFailure" or "Never"))
            problems.Add(FieldProblem.NotSupported(path + ".restartPolicy", FieldProblem.Quote(policy), ["Always", "OnFailure", "Never"]));
    }

    private static void Container(List<FieldProblem> problems, JsonObject container, string path, HashSet<string> names, HashSet<string> volumes)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0)
            problems.Add(FieldProblem.Required(path + ".name"));
        else
            ContainerCheck.Name(problems, name, path + ".name");
        if (container.Text("image") is not { Length: > 0 })
            problems.Add(FieldProblem.Required(path + ".image"));
        if (container.Text("imagePullPolicy") is { } pull && pull is not ("Always" or "IfNotPresent" or "Never"))
            problems.Add(FieldProblem.NotSupported(path + ".imagePullPolicy", FieldProblem.Quote(pull), ["Always", "IfNotPresent", "Never"]));
        var index = 0;
        foreach (var port in PodTemplateDefaults.Items(container["ports"]))
        {
            var place = $"{path}.ports[{index++}].containerPort";
            if (port.Integer("containerPort") is null or 0)
                problems.Add(FieldProblem.Required(place));
            else
                Port(problems, port["containerPort"], place);
        }

        index = 0;
        foreach (var mount in PodTemplateDefaults.Items(container["volumeMounts"]))
        {
            var place = $"{path}.volumeMounts[{index++}]";
            if (mount.Text("name") is { } volume && !volumes.Contains(volume))
                problems.Add(new FieldProblem(place + ".name", "FieldValueNotFound", "Not found: " + FieldProblem.Quote(volume)));
            if (mount.Text("mountPath") is not { Length: > 0 })
                problems.Add(FieldProblem.Required(place + ".mountPath"));
        }

        ContainerCheck.Resources(problems, container.Map("resources"), path + ".resources");
        if (name.Length > 0 && !names.Add(name))
            problems.Add(FieldProblem.Duplicate(path + ".name", FieldProblem.Quote(name)));
    }

    public static void Port(List<FieldProblem> problems, JsonNode? port, string path)
    {
        if (port is null || port.GetValueKind() != JsonValueKind.Number)
            return;
        var text = port.ToJsonString();
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
            problems.Add(FieldProblem.Invalid(path, text, "must be between 1 and 65535, inclusive"));
    }
}
