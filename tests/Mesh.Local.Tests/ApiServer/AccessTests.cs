using System.Text.Json.Nodes;
using Mesh.Local.ApiServer;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Who may do what is what the Roles and bindings say, at once and for every request.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServerFixture.StartAsync();
        await server.CreateNamespaceAsync("a");
        await server.CreateNamespaceAsync("b");
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_right_is_there_with_the_binding_and_gone_with_it()
    {
        using var jane = Client("jane");
        Assert.Equal(403, (await Get(jane, "/api/v1/namespaces/a/configmaps")).Status);
        await GrantAsync("a", "reader", "jane", Rule("", "configmaps", "get", "list"));
        Assert.Equal(200, (await Get(jane, "/api/v1/namespaces/a/configmaps")).Status);
        Assert.Equal(403, (await Get(jane, "/api/v1/namespaces/b/configmaps")).Status);
        Assert.Equal(403, (await Get(jane, "/api/v1/configmaps")).Status);
        await server.MustAsync("DELETE", $"{Rbac}/namespaces/a/rolebindings/reader");
        Assert.Equal(403, (await Get(jane, "/api/v1/namespaces/a/configmaps")).Status);
    }

    [Fact]
    public async Task A_rule_with_names_allows_those_objects_and_a_list_of_just_one_of_them()
    {
        await GrantAsync("a", "one", "jane", Rule("", "configmaps", "get", "list", "watch").With("resourceNames", "mine"));
        using var jane = Client("jane");
        Assert.Equal(404, (await Get(jane, "/api/v1/namespaces/a/configmaps/mine")).Status);
        Assert.Equal(403, (await Get(jane, "/api/v1/namespaces/a/configmaps/other")).Status);
        Assert.Equal(403, (await Get(jane, "/api/v1/namespaces/a/configmaps")).Status);
        Assert.Equal(200, (await Get(jane, "/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%3Dmine")).Status);
    }

    [Fact]
    public async Task A_right_on_an_object_is_none_on_its_subresources()
    {
        await GrantAsync("a", "pods", "jane", Rule("", "pods", "*"));
        using var jane = Client("jane");
        Assert.Equal(200, (await Get(jane, "/api/v1/namespaces/a/pods")).Status);
        var log = await Get(jane, "/api/v1/namespaces/a/pods/p/log");
        Assert.Contains("cannot get resource \\\"pods/log\\\"", log.Text);
    }

    [Fact]
    public async Task View_sees_what_is_in_a_namespace_but_no_secrets_and_edit_changes_but_gives_no_rights()
    {
        await BindAsync("a", "view", "ClusterRole", "view", "vera");
        await BindAsync("a", "edit", "ClusterRole", "edit", "ed");
        using var vera = Client("vera");
        using var ed = Client("ed");
        Assert.Equal(200, (await Get(vera, "/apis/apps/v1/namespaces/a/deployments")).Status);
        Assert.Equal(403, (await Get(vera, "/api/v1/namespaces/a/secrets")).Status);
        Assert.Equal(200, (await Get(ed, "/api/v1/namespaces/a/secrets")).Status);
        Assert.Equal(201, (await server.SendAsync("POST", "/api/v1/namespaces/a/configmaps", Named("made"), client: ed)).Status);
        Assert.Equal(403, (await server.SendAsync("POST", $"{Rbac}/namespaces/a/roles", Named("r"), client: ed)).Status);
    }

    [Fact]
    public async Task A_role_made_later_is_aggregated_by_its_label()
    {
        await BindAsync("a", "view", "ClusterRole", "view", "vera");
        using var vera = Client("vera");
        Assert.Equal(403, (await Get(vera, "/apis/networking.k8s.io/v1/namespaces/a/widgets")).Status);
        var role = Named("widgets").With("rules", [Rule("networking.k8s.io", "widgets", "list")]);
        role["metadata"]!["labels"] = new JsonObject { ["rbac.authorization.k8s.io/aggregate-to-view"] = "true" };
        await server.MustAsync("POST", Rbac + "/clusterroles", role);
        // Allowed to ask, she learns that there is no such thing.
        await Testing.Eventually.True(async () => (await Get(vera, "/apis/networking.k8s.io/v1/namespaces/a/widgets")).Status == 404, "the role is aggregated");
    }

    [Fact]
    public async Task Nobody_gives_what_he_does_not_have()
    {
        await GrantAsync("a", "roles", "jane", Rule("rbac.authorization.k8s.io", "roles", "create"), Rule("rbac.authorization.k8s.io", "rolebindings", "create"), Rule("", "configmaps", "get"));
        using var jane = Client("jane");
        var more = await server.SendAsync("POST", $"{Rbac}/namespaces/a/roles", Named("more").With("rules", [Rule("", "secrets", "get", "list")]), client: jane);
        Assert.Equal(403, more.Status);
        Assert.Contains("is attempting to grant RBAC permissions not currently held:\\n{APIGroups:[\\\"\\\"], Resources:[\\\"secrets\\\"], Verbs:[\\\"get\\\" \\\"list\\\"]}", more.Text);
        Assert.Equal(201, (await server.SendAsync("POST", $"{Rbac}/namespaces/a/roles", Named("same").With("rules", [Rule("", "configmaps", "get")]), client: jane)).Status);
        var bound = await server.SendAsync("POST", $"{Rbac}/namespaces/a/rolebindings", Binding("up", "ClusterRole", "cluster-admin", "jane"), client: jane);
        Assert.Equal(403, bound.Status);
    }

    [Fact]
    public async Task Impersonation_takes_the_rights_of_the_one_impersonated()
    {
        await GrantAsync("a", "reader", "jane", Rule("", "configmaps", "list"));
        using var admin = server.NewClient(server.Kubeconfig);
        admin.DefaultRequestHeaders.Add("Impersonate-User", "jane");
        Assert.Equal(200, (await Get(admin, "/api/v1/namespaces/a/configmaps")).Status);
        Assert.Equal(403, (await Get(admin, "/api/v1/namespaces/a/secrets")).Status);
        var who = await server.SendAsync("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", new JsonObject(), client: admin);
        Assert.Equal("jane", who.Json["status"]!["userInfo"]!["username"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_certificate_of_the_operators_account_has_just_the_rights_of_config_rbac()
    {
        await server.CreateNamespaceAsync("mesh-system");
        foreach (var manifest in Manifests.Read(MeshPaths.For("access").Rights))
            await new ManifestApplier(server.Client, server.Url).ApplyAsync(manifest, TestContext.Current.CancellationToken);
        using var mesh = Client(ApiUser.ServiceAccount("mesh-system", "mesh-operator"));
        Assert.Equal(200, (await Get(mesh, "/api/v1/pods")).Status);
        Assert.Equal(404, (await Get(mesh, "/api/v1/namespaces/mesh-system/secrets/mesh-ca")).Status);
        Assert.Equal(403, (await Get(mesh, "/api/v1/namespaces/mesh-system/secrets/another")).Status);
        Assert.Equal(403, (await Get(mesh, "/api/v1/namespaces/a/secrets/none")).Status);
        Assert.Equal(403, (await server.SendAsync("DELETE", "/api/v1/namespaces/a/pods/p", client: mesh)).Status);
    }

    private HttpClient Client(string user) => Client(new ApiUser(user, ["system:authenticated"]));

    private HttpClient Client(ApiUser user)
    {
        var path = Path.Combine(Path.GetDirectoryName(server.Kubeconfig)!, user.Name.Replace(':', '_') + ".kubeconfig");
        server.Server.WriteKubeconfig(path, server.Url, user);
        return server.NewClient(path);
    }

    private Task<ApiAnswer> Get(HttpClient client, string path) => server.SendAsync("GET", path, client: client);

    private async Task GrantAsync(string ns, string name, string user, params JsonObject[] rules)
    {
        await server.MustAsync("POST", $"{Rbac}/namespaces/{ns}/roles", Named(name).With("rules", [.. rules]));
        await BindAsync(ns, name, "Role", name, user);
    }

    private Task BindAsync(string ns, string name, string kind, string role, string user) =>
        server.MustAsync("POST", $"{Rbac}/namespaces/{ns}/rolebindings", Binding(name, kind, role, user));

    private static JsonObject Binding(string name, string kind, string role, string user)
    {
        var binding = Named(name);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = role };
        binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "User", ["name"] = user });
        return binding;
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static JsonObject Rule(string group, string resource, params string[] verbs) =>
        new JsonObject().With("apiGroups", group).With("resources", resource).With("verbs", [.. verbs.Select(verb => (JsonNode)verb)]);
}
