using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Certificates;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Kinds;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// What an API server does by itself after a write: serve the kinds that were defined, give each namespace its default
/// ServiceAccount, empty namespaces that are deleted, delete what an owner left behind, join aggregated roles, and look
/// through admission policies. Fed by the store's writes, one after the other; a step that fails is tried again, because it begins by looking at how things are.
/// </summary>
internal sealed class LifecycleControllers
{
    private readonly ObjectStore store;
    private readonly KindRulesTable kinds;
    private readonly CurrentCatalog catalog;
    private readonly ObjectWrites writes;
    private readonly CustomResources custom;
    private readonly NamespaceContent namespaces;
    private readonly GarbageCollection? garbage;
    private readonly RoleAggregation roles;
    private readonly PolicyStatus policies;
    private readonly Action<Exception>? fault;
    private readonly TimeProvider time;
    private readonly Channel<(string Id, StoreEvent Written)> queue = Channel.CreateUnbounded<(string, StoreEvent)>();

    public LifecycleControllers(
        ObjectStore store, CurrentCatalog catalog, ObjectWrites writes, KindRulesTable kinds, ServerCertificates certificates, ApiServerOptions options)
    {
        this.store = store;
        this.kinds = kinds;
        this.catalog = catalog;
        this.writes = writes;
        fault = options.Fault;
        time = options.Time;
        custom = new CustomResources(store, catalog, writes, options.Time);
        namespaces = new NamespaceContent(store, catalog, writes, options.PublishRootCertificate ? certificates.AuthorityPem : null,
            options.NamespaceDeletionDelay, options.Time, Again);
        garbage = options.CollectGarbage ? new GarbageCollection(store, catalog, writes) : null;
        roles = new RoleAggregation(store, catalog, writes);
        policies = new PolicyStatus(catalog, writes);
        kinds.Definitions.Changed += custom.Refresh;
        store.Written += (id, written) => queue.Writer.TryWrite((id, written));
    }

    /// <summary>The namespaces and roles that are always there, before the first request is let in.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        Restore();
        await PrepareRolesAsync(cancellation);
        foreach (var name in (string[])["default", "kube-node-lease", "kube-public", "kube-system"])
        {
            var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } };
            await EnsureAsync("", "namespaces", "", body, cancellation);
            await namespaces.FurnishAsync(name, cancellation);
        }

        var service = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = "kubernetes",
                ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
            },
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["clusterIP"] = kinds.Addresses.First.ToString(),
                ["ipFamilyPolicy"] = "SingleStack",
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
            },
        };
        await EnsureAsync("", "services", "default", service, cancellation);
    }

    /// <summary>Where this server is, behind its Service: a run may have another address than the one before.</summary>
    public async Task AdvertiseAsync(IPEndPoint address, CancellationToken cancellation)
    {
        var resource = catalog.Now.Find("discovery.k8s.io", "endpointslices")!;
        var slice = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "kubernetes", ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" } },
            ["addressType"] = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "IPv4" : "IPv6",
            ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address.Address.ToString()), ["conditions"] = new JsonObject { ["ready"] = true } }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = address.Port, ["protocol"] = "TCP" }),
        };
        await EnsureAsync("discovery.k8s.io", "endpointslices", "default", (JsonObject)slice.DeepClone(), cancellation);
        await writes.UpdateAsync(
            WriteRequest.Own(catalog.Now, resource, "default", "kubernetes"),
            before =>
            {
                var after = before.Edit();
                foreach (var part in (ReadOnlySpan<string>)["addressType", "endpoints", "ports"])
                    after[part] = slice[part]!.DeepClone();
                return after;
            },
            cancellation);
    }

    /// <summary>
    /// With the objects of an earlier run: their kinds are served, what they hold is taken, and each is followed as if it had
    /// just come, which finds what is left to do (terminating namespaces, dependents of what is gone).
    /// </summary>
    private void Restore()
    {
        if (!store.WasRestored)
            return;
        custom.Serve();
        foreach (var collection in store.Collections)
        {
            var resource = catalog.Now.Resources.FirstOrDefault(resource => resource.StoreId == collection.Id);
            foreach (var item in collection.State.Values)
            {
                if (resource is not null)
                    kinds.For(resource).Restored(item);
                queue.Writer.TryWrite((collection.Id, new StoreEvent(item.Revision, null, item)));
            }
        }
    }

    private async Task EnsureAsync(string group, string plural, string ns, JsonObject item, CancellationToken cancellation)
    {
        var resource = catalog.Now.Find(group, plural)!;
        if (store.Find(resource.StoreId, ns, item.Text("metadata", "name")!) is null)
            await writes.CreateAsync(WriteRequest.Own(catalog.Now, resource, ns, ""), item, cancellation);
    }

    private async Task PrepareRolesAsync(CancellationToken cancellation)
    {
        foreach (var (plural, items) in ((string, IEnumerable<JsonObject>)[])
            [("clusterroles", DefaultRoles.ClusterRoles()), ("clusterrolebindings", DefaultRoles.ClusterRoleBindings())])
        {
            foreach (var item in items)
                await EnsureAsync(Authorizer.Group, plural, "", item, cancellation);
        }

        await roles.AggregateAsync(cancellation);
    }

    /// <summary>The same once more, after a time.</summary>
    private void Again(StoreEvent written, TimeSpan after)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                queue.Writer.TryWrite(("namespaces", written));
                timer?.Dispose();
            },
            null, after, Timeout.InfiniteTimeSpan);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var (id, written) in queue.Reader.ReadAllAsync(cancellation))
                await FollowAsync(id, written, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task FollowAsync(string id, StoreEvent written, CancellationToken cancellation)
    {
        try
        {
            if (garbage is not null)
                await garbage.FollowAsync(id, written, cancellation);
            if (id == "customresourcedefinitions.apiextensions.k8s.io")
                await custom.FollowAsync(written, cancellation);
            else
                await custom.FinishTerminatingAsync(id, cancellation);
            await namespaces.FollowAsync(id, written, cancellation);
            if (id == RoleAggregation.Id)
                await roles.AggregateAsync(cancellation);
            if (id == PolicyStatus.Id)
                await policies.FollowAsync(written, cancellation);
        }
        catch (StatusException refusal) when (refusal.Code is 404 or 409)
        {
            // What was to be changed changed or went in the meantime; its own event follows.
        }
        catch (Exception problem) when (!cancellation.IsCancellationRequested)
        {
            // The loop's one place: a webhook that refuses our deletion, or our own fault, must not end all following.
            fault?.Invoke(problem);
        }
    }
}
