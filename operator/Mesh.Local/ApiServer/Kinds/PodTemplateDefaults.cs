using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Defaults of a pod's spec, wherever it stands: in a Pod or in the template of a workload.</summary>
internal static class PodTemplateDefaults
{
    private const int FileMode = 420;

    public static void Apply(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
            spec["serviceAccount"] = account;
        else if (spec.Text("serviceAccount") is { Length: > 0 } old)
            spec["serviceAccountName"] = old;
        foreach (var container in Items(spec["initContainers"]).Concat(Items(spec["containers"])).Concat(Items(spec["ephemeralContainers"])))
            Container(container);
        foreach (var volume in Items(spec["volumes"]))
            Volume(volume);
    }

    public static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];

    private static void Container(JsonObject container)
    {
        container.Default("resources", new JsonObject());
        Requests((JsonObject)container["resources"]!);
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        if (container.Text("image") is { Length: > 0 } image)
            container.Default("imagePullPolicy", IsLatest(image) ? "Always" : "IfNotPresent");
        foreach (var port in Items(container["ports"]))
            port.Default("protocol", "TCP");
        foreach (var variable in Items(container["env"]))
            variable.Map("valueFrom", "fieldRef")?.Default("apiVersion", "v1");
        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[name] is JsonObject probe)
                Probe(probe);
        }

        foreach (var hook in (string[])["postStart", "preStop"])
            container.Map("lifecycle", hook, "httpGet")?.Default("scheme", "HTTP");
    }

    private static void Requests(JsonObject resources)
    {
        if (resources["limits"] is not JsonObject limits)
            return;
        var requests = resources.Section("requests");
        foreach (var (name, limit) in limits)
            requests.Default(name, limit!.DeepClone());
    }

    private static void Probe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        if (probe["httpGet"] is JsonObject get)
        {
            get.Default("path", "/");
            get.Default("scheme", "HTTP");
        }

        (probe["grpc"] as JsonObject)?.Default("service", "");
    }

    private static void Volume(JsonObject volume)
    {
        foreach (var kind in (string[])["configMap", "secret", "downwardAPI", "projected"])
            (volume[kind] as JsonObject)?.Default("defaultMode", FileMode);
        if (volume.All(pair => pair.Key == "name"))
            volume["emptyDir"] = new JsonObject();
        (volume["hostPath"] as JsonObject)?.Default("type", "");
        foreach (var item in Items(volume.At("downwardAPI", "items")))
            item.Map("fieldRef")?.Default("apiVersion", "v1");
        foreach (var source in Items(volume.At("projected", "sources")))
        {
            source.Map("serviceAccountToken")?.Default("expirationSeconds", 3600);
            foreach (var item in Items(source.At("downwardAPI", "items")))
                item.Map("fieldRef")?.Default("apiVersion", "v1");
        }
    }

    /// <summary>An image without tag and digest, or of the tag "latest".</summary>
    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
            return false;
        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || name[(colon + 1)..] == "latest";
    }
}
