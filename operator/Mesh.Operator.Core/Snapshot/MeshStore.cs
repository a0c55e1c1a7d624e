using System.Collections.Immutable;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>One event at a time, from one snapshot to the next; an event that changes nothing gives the same instance back.</summary>
public static class MeshStore
{
    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1Namespace source) =>
        snapshot.Changed(snapshot.Namespaces, Set(snapshot.Namespaces, source.Metadata.Name, FromKubernetes.Namespace(source)), map => snapshot with { Namespaces = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1Namespace source) =>
        snapshot.Changed(snapshot.Namespaces, snapshot.Namespaces.Remove(source.Metadata.Name), map => snapshot with { Namespaces = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1Node source) =>
        snapshot.Changed(snapshot.Nodes, Set(snapshot.Nodes, source.Metadata.Name, FromKubernetes.Node(source)), map => snapshot with { Nodes = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1Node source) =>
        snapshot.Changed(snapshot.Nodes, snapshot.Nodes.Remove(source.Metadata.Name), map => snapshot with { Nodes = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1Pod source) =>
        snapshot.Changed(snapshot.Workloads, Set(snapshot.Workloads, Key(source.Metadata), FromKubernetes.Workload(source)), map => snapshot with { Workloads = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1Pod source) =>
        snapshot.Changed(snapshot.Workloads, snapshot.Workloads.Remove(Key(source.Metadata)), map => snapshot with { Workloads = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1Service source) =>
        snapshot.Changed(snapshot.Services, Set(snapshot.Services, Key(source.Metadata), FromKubernetes.Service(source)), map => snapshot with { Services = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1Service source) =>
        snapshot.Changed(snapshot.Services, snapshot.Services.Remove(Key(source.Metadata)), map => snapshot with { Services = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1EndpointSlice source)
    {
        if (FromKubernetes.Slice(source) is not { } slice) return snapshot.Remove(source);
        return snapshot.Changed(snapshot.Slices, Set(snapshot.Slices, slice.Key, slice), map => snapshot with { Slices = map });
    }

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1EndpointSlice source) =>
        snapshot.Changed(snapshot.Slices, snapshot.Slices.Remove(Key(source.Metadata)), map => snapshot with { Slices = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1VirtualService source) =>
        snapshot.Changed(snapshot.VirtualServices, Set(snapshot.VirtualServices, RuleOf(RuleKey.VirtualService, source.Metadata, source.Spec ?? new VirtualServiceSpec())), map => snapshot with { VirtualServices = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1VirtualService source) =>
        snapshot.Changed(snapshot.VirtualServices, snapshot.VirtualServices.Remove(Key(source.Metadata)), map => snapshot with { VirtualServices = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1DestinationRule source) =>
        snapshot.Changed(snapshot.DestinationRules, Set(snapshot.DestinationRules, RuleOf(RuleKey.DestinationRule, source.Metadata, source.Spec ?? new DestinationRuleSpec())), map => snapshot with { DestinationRules = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1DestinationRule source) =>
        snapshot.Changed(snapshot.DestinationRules, snapshot.DestinationRules.Remove(Key(source.Metadata)), map => snapshot with { DestinationRules = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1ServiceEntry source)
    {
        var rule = RuleOf(RuleKey.ServiceEntry, source.Metadata, source.Spec ?? new ServiceEntrySpec());
        var held = snapshot.Changed(snapshot.ServiceEntries, Set(snapshot.ServiceEntries, rule), map => snapshot with { ServiceEntries = map });
        var addressing = FromKubernetes.Addressing(source);
        var addresses = addressing == EntryAddressing.None ? held.EntryAddresses.Remove(rule.Key.Object) : Set(held.EntryAddresses, rule.Key.Object, addressing);
        return held.Changed(held.EntryAddresses, addresses, map => held with { EntryAddresses = map });
    }

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1ServiceEntry source) =>
        snapshot.Changed(snapshot.ServiceEntries, snapshot.ServiceEntries.Remove(Key(source.Metadata)),
            map => snapshot with { ServiceEntries = map, EntryAddresses = snapshot.EntryAddresses.Remove(Key(source.Metadata)) });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1WorkloadEntry source) =>
        snapshot.Changed(snapshot.WorkloadEntries, Set(snapshot.WorkloadEntries, RuleOf(RuleKey.WorkloadEntry, source.Metadata, source.Spec ?? new WorkloadEntrySpec())), map => snapshot with { WorkloadEntries = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1WorkloadEntry source) =>
        snapshot.Changed(snapshot.WorkloadEntries, snapshot.WorkloadEntries.Remove(Key(source.Metadata)), map => snapshot with { WorkloadEntries = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1Sidecar source) =>
        snapshot.Changed(snapshot.Sidecars, Set(snapshot.Sidecars, RuleOf(RuleKey.Sidecar, source.Metadata, source.Spec ?? new SidecarSpec())), map => snapshot with { Sidecars = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1Sidecar source) =>
        snapshot.Changed(snapshot.Sidecars, snapshot.Sidecars.Remove(Key(source.Metadata)), map => snapshot with { Sidecars = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1ProxyConfig source) =>
        snapshot.Changed(snapshot.ProxyConfigs, Set(snapshot.ProxyConfigs, RuleOf(RuleKey.ProxyConfig, source.Metadata, source.Spec ?? new ProxyConfigSpec())), map => snapshot with { ProxyConfigs = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1ProxyConfig source) =>
        snapshot.Changed(snapshot.ProxyConfigs, snapshot.ProxyConfigs.Remove(Key(source.Metadata)), map => snapshot with { ProxyConfigs = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1HealthCheck source) =>
        snapshot.Changed(snapshot.HealthChecks, Set(snapshot.HealthChecks, RuleOf(RuleKey.HealthCheck, source.Metadata, source.Spec ?? new HealthCheckSpec())), map => snapshot with { HealthChecks = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1HealthCheck source) =>
        snapshot.Changed(snapshot.HealthChecks, snapshot.HealthChecks.Remove(Key(source.Metadata)), map => snapshot with { HealthChecks = map });

    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1PeerAuthentication source) =>
        snapshot.Changed(snapshot.PeerAuthentications, Set(snapshot.PeerAuthentications, RuleOf(RuleKey.PeerAuthentication, source.Metadata, source.Spec ?? new PeerAuthenticationSpec())), map => snapshot with { PeerAuthentications = map });

    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1PeerAuthentication source) =>
        snapshot.Changed(snapshot.PeerAuthentications, snapshot.PeerAuthentications.Remove(Key(source.Metadata)), map => snapshot with { PeerAuthentications = map });

    /// <summary>Takes an object of a kind this version does not act on.</summary>
    public static MeshSnapshot PutNotYet(this MeshSnapshot snapshot, string kind, IKubernetesObject<V1ObjectMeta> source, ISpecFromUser? spec)
    {
        var key = new RuleKey(kind, Key(source.Metadata));
        if (spec is null) return snapshot.RemoveNotYet(kind, source);
        var rule = RuleOf(kind, source.Metadata, spec);
        return snapshot.Changed(snapshot.OfKindsNotYet, Set(snapshot.OfKindsNotYet, key, rule), map => snapshot with { OfKindsNotYet = map });
    }

    public static MeshSnapshot RemoveNotYet(this MeshSnapshot snapshot, string kind, IKubernetesObject<V1ObjectMeta> source) =>
        snapshot.Changed(snapshot.OfKindsNotYet, snapshot.OfKindsNotYet.Remove(new RuleKey(kind, Key(source.Metadata))), map => snapshot with { OfKindsNotYet = map });

    /// <summary>Takes a CustomResourceDefinition, of which its metadata is enough; one of other kinds than the mesh's changes nothing.</summary>
    public static MeshSnapshot PutDefinition(this MeshSnapshot snapshot, V1ObjectMeta definition) => Definitions.KindOf(definition) is not { } kind ? snapshot
        : snapshot.Changed(snapshot.SharedKinds, Definitions.IsOurs(definition) ? snapshot.SharedKinds.Remove(kind.Kind) : snapshot.SharedKinds.Add(kind.Kind), kinds => snapshot with { SharedKinds = kinds });

    public static MeshSnapshot RemoveDefinition(this MeshSnapshot snapshot, V1ObjectMeta definition) => Definitions.KindOf(definition) is not { } kind ? snapshot
        : snapshot.Changed(snapshot.SharedKinds, snapshot.SharedKinds.Remove(kind.Kind), kinds => snapshot with { SharedKinds = kinds });

    /// <summary>An object of any kind; one that the mesh does not act on changes nothing.</summary>
    public static MeshSnapshot PutAny(this MeshSnapshot snapshot, IKubernetesObject<V1ObjectMeta> source) => source switch
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
        V1PeerAuthentication typed => snapshot.Put(typed),
        V1ProxyConfig typed => snapshot.Put(typed),
        V1HealthCheck typed => snapshot.Put(typed),
        V1CustomResourceDefinition typed => snapshot.PutDefinition(typed.Metadata),
        _ when ApiKinds.Table.FirstOrDefault(known => known.EntityType == source.GetType()) is { NotYet: not null } kind =>
            snapshot.PutNotYet(kind.Kind, source, (ISpecFromUser?)kind.EntityType.GetProperty("Spec")!.GetValue(source)),
        _ => snapshot,
    };

    /// <summary>Takes the mesh-wide settings and what tells of Istio; any other ConfigMap changes nothing.</summary>
    public static MeshSnapshot Put(this MeshSnapshot snapshot, V1ConfigMap source)
    {
        if (!IsSettings(source)) return snapshot.With(snapshot.Neighbour.With(source));
        var yaml = source.Data is not null && source.Data.TryGetValue(MeshNames.SettingsKey, out var text) ? text : "";
        return snapshot.With(MeshWideSettingsReader.Read(yaml));
    }

    /// <summary>Without its ConfigMap the mesh runs on defaults.</summary>
    public static MeshSnapshot Remove(this MeshSnapshot snapshot, V1ConfigMap source) =>
        IsSettings(source) ? snapshot.With(MeshWideSettings.Default) : snapshot.With(snapshot.Neighbour.With(source, isGone: true));

    /// <summary>Takes the roots (SHA-256) that this mesh's certificates lead to.</summary>
    public static MeshSnapshot PutRoots(this MeshSnapshot snapshot, params ReadOnlySpan<string> roots) => snapshot.With(snapshot.Neighbour with { Own = [.. roots] });

    private static MeshSnapshot With(this MeshSnapshot snapshot, Neighbour neighbour) => snapshot.Neighbour.Equals(neighbour) ? snapshot : snapshot with { Neighbour = neighbour };

    private static MeshSnapshot With(this MeshSnapshot snapshot, MeshWideSettings settings) =>
        snapshot.Settings.Equals(settings) ? snapshot : snapshot with { Settings = settings };

    private static bool IsSettings(V1ConfigMap source) => Key(source.Metadata) == new ObjectKey(MeshNames.SystemNamespace, MeshNames.SettingsConfigMap);

    private static Rule<TSpec> RuleOf<TSpec>(string kind, V1ObjectMeta metadata, TSpec spec)
        where TSpec : class => new()
        {
            Key = new RuleKey(kind, Key(metadata)),
            Uid = metadata.Uid ?? "",
            Generation = metadata.Generation ?? 0,
            Created = metadata.CreationTimestamp ?? DateTime.MinValue,
            Retries = metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.Retries, out var retries) ? retries : "",
            Spec = spec,
            SpecJson = JsonSerializer.Serialize(spec, spec.GetType(), ApiJson.Options),
        };

    private static ObjectKey Key(V1ObjectMeta metadata) => FromKubernetes.KeyOf(metadata);

    private static ImmutableSortedDictionary<TKey, T> Set<TKey, T>(ImmutableSortedDictionary<TKey, T> map, TKey key, T value)
        where TKey : notnull
        where T : class =>
        map.TryGetValue(key, out var held) && held.Equals(value) ? map : map.SetItem(key, value);

    private static ImmutableSortedDictionary<ObjectKey, Rule<TSpec>> Set<TSpec>(ImmutableSortedDictionary<ObjectKey, Rule<TSpec>> rules, Rule<TSpec> rule)
        where TSpec : class => Set(rules, rule.Key.Object, rule);

    private static MeshSnapshot Changed<TMap>(this MeshSnapshot snapshot, TMap before, TMap after, Func<TMap, MeshSnapshot> with)
        where TMap : class => ReferenceEquals(before, after) ? snapshot : with(after);
}
