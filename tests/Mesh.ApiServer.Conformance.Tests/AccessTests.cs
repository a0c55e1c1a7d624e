using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Who may do what, tokens, and the reviews that tell.</summary>
public sealed class AccessTests(ServerPool servers) : Behaviour(servers)
{
    private string Rbac => $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Name}";

    [Theory, OnEveryServer]
    public async Task An_account_may_do_what_a_role_bound_to_it_says_and_nothing_else(ServerKind on)
    {
        await OnAsync(on);
        using var robot = ApiClient.WithToken(Kubeconfig, await TokenAsync("robot"));
        var refused = await robot.SendAsync("GET", Maps);
        Assert.Equal((403, "Forbidden"), (refused.Status, refused.Reason));
        Assert.Equal($"configmaps is forbidden: User \"system:serviceaccount:{Name}:robot\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"{Name}\"", refused.Message);
        await BindAsync("robot", """{"apiGroups":[""],"resources":["configmaps"],"verbs":["list","get"]}""");
        await Eventually.True(async () => (await robot.SendAsync("GET", Maps)).Status == 200, "the role counts");
        Assert.Equal(403, (await robot.SendAsync("POST", Maps, Map("a"))).Status);
        Assert.Equal(403, (await robot.SendAsync("GET", Core + "/secrets")).Status);
        Assert.Equal(403, (await robot.SendAsync("GET", "/api/v1/configmaps")).Status);
    }

    [Theory, OnEveryServer]
    public async Task A_rule_for_one_name_is_good_for_that_name(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("mine"));
        using var robot = ApiClient.WithToken(Kubeconfig, await TokenAsync("robot"));
        await BindAsync("robot", """{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["mine"],"verbs":["get"]}""");
        await Eventually.True(async () => (await robot.SendAsync("GET", Maps + "/mine")).Status == 200, "the role counts");
        Assert.Equal(403, (await robot.SendAsync("GET", Maps + "/other")).Status);
    }

    [Theory, OnEveryServer]
    public async Task Reviews_tell_what_would_be_allowed(ServerKind on)
    {
        await OnAsync(on);
        await TokenAsync("robot");
        await BindAsync("robot", """{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}""");
        async Task<bool> MayAsync(string verb) => (await Api.MustAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", JsonNode.Parse($$$"""
            {"spec":{"user":"system:serviceaccount:{{{Name}}}:robot","resourceAttributes":{"verb":"{{{verb}}}","resource":"configmaps","namespace":"{{{Name}}}"} } }
            """)))["status"]!["allowed"]!.GetValue<bool>();
        await Eventually.True(() => MayAsync("get"), "get is allowed");
        Assert.False(await MayAsync("delete"));
        var own = await Api.MustAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", JsonNode.Parse("""{"spec":{"resourceAttributes":{"verb":"delete","resource":"nodes"}}}"""));
        Assert.True(own["status"]!["allowed"]!.GetValue<bool>());
    }

    [Theory, OnEveryServer]
    public async Task A_stranger_gets_nothing_and_a_bad_token_is_refused_everywhere(ServerKind on)
    {
        await OnAsync(on);
        using var liar = ApiClient.WithToken(Kubeconfig, "nonsense");
        Assert.Equal(401, (await liar.SendAsync("GET", "/version")).Status);
        Assert.Equal(403, (await Api.SendAsync("GET", Maps, asUser: "system:anonymous")).Status);
    }

    [Theory, OnEveryServer]
    public async Task An_administrator_may_act_as_another(ServerKind on)
    {
        await OnAsync(on);
        var self = await Api.SendAsync("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", new JsonObject(), asUser: "somebody");
        // Every authenticated user may ask who they are.
        Assert.Equal("somebody", self.Json["status"]!["userInfo"]!["username"]!.ToString());
        var refused = await Api.SendAsync("GET", Maps, asUser: "somebody");
        Assert.Equal(403, refused.Status);
        Assert.Contains("User \"somebody\" cannot list resource \"configmaps\"", refused.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task A_token_says_whose_it_is_for_whom_and_while_its_pod_lives(ServerKind on)
    {
        await OnAsync(on);
        await AccountAsync();
        var pod = Samples.Pod("p");
        pod["spec"]!["nodeSelector"] = new JsonObject { ["nowhere"] = "true" };
        var made = await Api.MustAsync("POST", Core + "/pods", pod);
        var asked = JsonNode.Parse($$$"""
            {"spec":{"audiences":["mesh"],"expirationSeconds":600,"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p","uid":"{{{made["metadata"]!["uid"]}}}"} } }
            """);
        var token = (await Api.MustAsync("POST", Core + "/serviceaccounts/default/token", asked))["status"]!["token"]!.ToString();
        async Task<JsonNode> ReviewAsync(string audience) => (await Api.MustAsync(
            "POST", "/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject { ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(audience) } }))["status"]!;
        var good = await ReviewAsync("mesh");
        Assert.Equal(($"system:serviceaccount:{Name}:default", "p", made["metadata"]!["uid"]!.ToString()), (
            good["user"]!["username"]!.ToString(), good["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]!.ToString(),
            good["user"]!["extra"]!["authentication.kubernetes.io/pod-uid"]![0]!.ToString()));
        Assert.NotEqual(true, (await ReviewAsync("other"))["authenticated"]?.GetValue<bool>());
        await Api.MustAsync("DELETE", Core + "/pods/p?gracePeriodSeconds=0");
        await Eventually.True(async () => (await ReviewAsync("mesh"))["authenticated"]?.GetValue<bool>() != true, "the token ends with its pod", TimeSpan.FromSeconds(90));
    }

    private async Task<string> TokenAsync(string account)
    {
        await Api.MustAsync("POST", Core + "/serviceaccounts", JsonNode.Parse($$$"""{"metadata":{"name":"{{{account}}}"} }"""));
        return (await Api.MustAsync("POST", $"{Core}/serviceaccounts/{account}/token", new JsonObject()))["status"]!["token"]!.ToString();
    }

    private async Task BindAsync(string account, string rule)
    {
        await Api.MustAsync("POST", Rbac + "/roles", JsonNode.Parse($$$"""{"metadata":{"name":"{{{account}}}"},"rules":[{{{rule}}}] }"""));
        await Api.MustAsync("POST", Rbac + "/rolebindings", JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{account}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"{{{account}}}"},
             "subjects":[{"kind":"ServiceAccount","name":"{{{account}}}","namespace":"{{{Name}}}"}] }
            """));
    }
}
