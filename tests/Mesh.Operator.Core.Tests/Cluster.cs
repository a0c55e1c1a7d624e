using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>Objects written as YAML, as they come from a cluster.</summary>
internal static class Cluster
{
    /// <summary>The snapshot after all objects of these texts were seen.</summary>
    public static MeshSnapshot Of(params ReadOnlySpan<string> yaml)
    {
        var snapshot = MeshSnapshot.Empty;
        foreach (var text in yaml) snapshot = snapshot.With(text);
        return snapshot;
    }

    public static MeshSnapshot With(this MeshSnapshot snapshot, string yaml) =>
        Yaml.Documents(yaml).Aggregate(snapshot, (held, document) => held.Put(document));

    public static MeshSnapshot Without(this MeshSnapshot snapshot, string yaml) =>
        Yaml.Documents(yaml).Aggregate(snapshot, (held, document) => held.Remove(document));

    public static MeshSnapshot Put(this MeshSnapshot snapshot, JsonNode document) => Typed(document) switch
    {
        V1Namespace typed => snapshot.Put(typed),
        V1Node typed => snapshot.Put(typed),
        V1Pod typed => snapshot.Put(typed),
        V1Service typed => snapshot.Put(typed),
        V1EndpointSlice typed => snapshot.Put(typed),
        V1ConfigMap typed => snapshot.Put(typed),
        V1VirtualService typed => snapshot.Put(typed),
        V1DestinationRule typed => snapshot.Put(typed),
        V1ServiceEntry typed => snapshot.Put(typed),
        V1WorkloadEntry typed => snapshot.Put(typed),
        V1Sidecar typed => snapshot.Put(typed),
        V1ProxyConfig typed => snapshot.Put(typed),
        V1PeerAuthentication typed => snapshot.Put(typed),
        V1HealthCheck typed => snapshot.Put(typed),
        var other => throw new InvalidDataException($"{other.GetType()} is not an input of the mesh"),
    };

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, JsonNode document) => Typed(document) switch
    {
        V1Namespace typed => snapshot.Remove(typed),
        V1Node typed => snapshot.Remove(typed),
        V1Pod typed => snapshot.Remove(typed),
        V1Service typed => snapshot.Remove(typed),
        V1EndpointSlice typed => snapshot.Remove(typed),
        V1ConfigMap typed => snapshot.Remove(typed),
        V1VirtualService typed => snapshot.Remove(typed),
        V1DestinationRule typed => snapshot.Remove(typed),
        V1ServiceEntry typed => snapshot.Remove(typed),
        V1WorkloadEntry typed => snapshot.Remove(typed),
        V1Sidecar typed => snapshot.Remove(typed),
        V1ProxyConfig typed => snapshot.Remove(typed),
        V1PeerAuthentication typed => snapshot.Remove(typed),
        V1HealthCheck typed => snapshot.Remove(typed),
        var other => throw new InvalidDataException($"{other.GetType()} is not an input of the mesh"),
    };

    private static object Typed(JsonNode document)
    {
        var json = document.ToJsonString();
        return document["kind"]!.GetValue<string>() switch
        {
            "Namespace" => KubernetesJson.Deserialize<V1Namespace>(json),
            "Node" => KubernetesJson.Deserialize<V1Node>(json),
            "Pod" => KubernetesJson.Deserialize<V1Pod>(json),
            "Service" => KubernetesJson.Deserialize<V1Service>(json),
            "EndpointSlice" => KubernetesJson.Deserialize<V1EndpointSlice>(json),
            "ConfigMap" => KubernetesJson.Deserialize<V1ConfigMap>(json),
            "VirtualService" => KubernetesJson.Deserialize<V1VirtualService>(json),
            "DestinationRule" => KubernetesJson.Deserialize<V1DestinationRule>(json),
            "ServiceEntry" => KubernetesJson.Deserialize<V1ServiceEntry>(json),
            "WorkloadEntry" => KubernetesJson.Deserialize<V1WorkloadEntry>(json),
            "Sidecar" => KubernetesJson.Deserialize<V1Sidecar>(json),
            "ProxyConfig" => KubernetesJson.Deserialize<V1ProxyConfig>(json),
            "HealthCheck" => KubernetesJson.Deserialize<V1HealthCheck>(json),
            "PeerAuthentication" => KubernetesJson.Deserialize<V1PeerAuthentication>(json),
            var kind => throw new InvalidDataException($"{kind} is not an input of the mesh"),
        };
    }
}
