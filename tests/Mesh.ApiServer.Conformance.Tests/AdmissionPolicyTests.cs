using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>ValidatingAdmissionPolicies: where they count, what their expressions see, and how a refusal is worded.</summary>
public sealed class AdmissionPolicyTests(ServerPool servers) : Behaviour(servers)
{
    private const string Policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    private const string Bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";

    [Theory, OnEveryServer]
    public async Task A_policy_counts_where_a_binding_says_and_its_words_are_the_answer(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""{"validations":[{"expression":"object.data.k != 'bad'","message":"k must not be bad"}]}""");
        await BindAsync();
        var refused = await DeniedAsync("POST", Maps, Map("a", "bad"));
        Assert.Equal((422, "Invalid"), (refused.Status, refused.Reason));
        var text = $"ValidatingAdmissionPolicy '{Name}' with binding '{Name}' denied request: k must not be bad";
        Assert.Equal($"configmaps \"a\" is forbidden: {text}", refused.Message);
        Assert.Equal(("configmaps", "a", text), (
            refused.Json["details"]!["kind"]!.ToString(), refused.Json["details"]!["name"]!.ToString(), refused.Json["details"]!["causes"]![0]!["message"]!.ToString()));
        await Api.MustAsync("POST", Maps, Map("a"));
        await DeniedAsync("PATCH", Maps + "/a", JsonNode.Parse("""{"data":{"k":"bad"}}"""), "application/merge-patch+json");
        Assert.Equal(201, (await Api.SendAsync("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", Map(Name, "bad"))).Status);
    }

    [Theory, OnEveryServer]
    public async Task A_policy_without_a_binding_does_nothing(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""{"validations":[{"expression":"false"}]}""");
        await Api.MustAsync("POST", Maps, Map("a"));
        await BindAsync();
        Assert.EndsWith("denied request: failed expression: false", (await DeniedAsync("POST", Maps, Map("b"))).Message, StringComparison.Ordinal);
        await Api.MustAsync("DELETE", $"{Bindings}/{Name}");
        await Eventually.True(async () => (await Api.SendAsync("POST", Maps + "?dryRun=All", Map("b"))).Status == 201, "the policy counts no more");
    }

    [Theory, OnEveryServer]
    public async Task A_message_may_be_computed_and_a_reason_gives_the_code(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""
            {"variables":[{"name":"app","expression":"has(object.metadata.labels) && 'app' in object.metadata.labels ? object.metadata.labels['app'] : 'none'"}],
             "validations":[{"expression":"variables.app == 'shop'","reason":"Forbidden","messageExpression":"'no ' + variables.app + ' in ' + request.namespace + ' by ' + request.operation"}]}
            """);
        await BindAsync();
        var refused = await DeniedAsync("POST", Maps, Map("a", app: "bar"));
        Assert.Equal((403, "Forbidden"), (refused.Status, refused.Reason));
        Assert.EndsWith($"denied request: no bar in {Name} by CREATE", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"no none in {Name} by CREATE", (await DeniedAsync("POST", Maps, Map("a"))).Message, StringComparison.Ordinal);
        await Api.MustAsync("POST", Maps, Map("a", app: "shop"));
    }

    [Theory, OnEveryServer]
    public async Task An_update_is_held_against_what_was_there(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""
            {"matchConditions":[{"name":"updates","expression":"request.operation == 'UPDATE'"}],
             "validations":[{"expression":"object.data.all(key, key.startsWith('free.') || (key in oldObject.data && oldObject.data[key] == object.data[key]))","message":"only free.* may change"}]}
            """);
        await BindAsync();
        await Api.MustAsync("POST", Maps, Map("a"));
        await DeniedAsync("PATCH", Maps + "/a", JsonNode.Parse("""{"data":{"k":"other"}}"""), "application/merge-patch+json");
        await DeniedAsync("PATCH", Maps + "/a", JsonNode.Parse("""{"data":{"more":"x"}}"""), "application/merge-patch+json");
        await Api.MergeAsync(Maps + "/a", """{"data":{"free.x":"y"},"metadata":{"labels":{"any":"label"}}}""");
    }

    [Theory, OnEveryServer]
    public async Task A_deletion_can_be_refused_by_the_old_object(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""{"validations":[{"expression":"request.operation != 'DELETE' || oldObject.data.k != 'kept' || object != null"}]}""");
        await BindAsync();
        await Api.MustAsync("POST", Maps, Map("a", "kept"));
        await Api.MustAsync("POST", Maps, Map("b"));
        await DeniedAsync("DELETE", Maps + "/a");
        await Api.MustAsync("DELETE", Maps + "/b");
        await Api.MergeAsync(Maps + "/a", """{"data":{"k":"v"}}""");
        await Api.MustAsync("DELETE", Maps + "/a");
    }

    [Theory, OnEveryServer]
    public async Task Who_asks_counts(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""
            {"matchConditions":[{"name":"robots","expression":"request.userInfo.username.startsWith('system:serviceaccount:')"}],
             "validations":[{"expression":"'system:serviceaccounts:elsewhere' in request.userInfo.groups","message":"not you"}]}
            """);
        await BindAsync();
        await Api.MustAsync("POST", Core + "/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"robot"}}"""));
        await Api.MustAsync("POST", $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Name}/rolebindings", JsonNode.Parse($$$"""
            {"metadata":{"name":"robot"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"},
             "subjects":[{"kind":"ServiceAccount","name":"robot","namespace":"{{{Name}}}"}] }
            """));
        using var robot = ApiClient.WithToken(Kubeconfig, (await Api.MustAsync("POST", Core + "/serviceaccounts/robot/token", new JsonObject()))["status"]!["token"]!.ToString());
        await Eventually.True(async () => (await robot.SendAsync("POST", Maps + "?dryRun=All", Map("a"))).Message.Contains("not you", StringComparison.Ordinal), "the robot is refused");
        await Api.MustAsync("POST", Maps, Map("a"));
    }

    [Theory, OnEveryServer]
    public async Task Rules_names_selectors_and_exceptions_say_what_it_is_about(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""{"validations":[{"expression":"false","message":"no"}]}""", match =>
        {
            match["objectSelector"] = JsonNode.Parse("""{"matchLabels":{"app":"asked"}}""");
            match["excludeResourceRules"] = JsonNode.Parse("""[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"],"resourceNames":["spared"]}]""");
        });
        await BindAsync();
        await DeniedAsync("POST", Maps, Map("a", app: "asked"));
        await Api.MustAsync("POST", Maps, Map("spared", app: "asked"));
        await Api.MustAsync("POST", Maps, Map("plain"));
        await Api.MustAsync("POST", Core + "/secrets", JsonNode.Parse("""{"metadata":{"name":"a","labels":{"app":"asked"}}}"""));
    }

    [Theory, OnEveryServer]
    public async Task A_warning_lets_it_pass(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""{"validations":[{"expression":"object.data.k != 'odd'","message":"k is odd"}]}""");
        await BindAsync("""{"validationActions":["Warn"]}""");
        Answer passed = null!;
        await Eventually.True(async () => (passed = await Api.SendAsync("POST", Maps + "?dryRun=All", Map("a", "odd"))).Warnings.Count > 0, "the policy warns");
        Assert.Equal(201, passed.Status);
        Assert.Equal([$"299 - \"Validation failed for ValidatingAdmissionPolicy '{Name}' with binding '{Name}': k is odd\""], passed.Warnings);
    }

    [Theory]
    [OnEveryServer("Fail", true)]
    [OnEveryServer("Ignore", false)]
    public async Task What_cannot_be_evaluated_counts_as_the_failure_policy_says(ServerKind on, string policy, bool denies)
    {
        await OnAsync(on);
        // The second one shows when the policy counts.
        await PolicyAsync($$$"""
            {"failurePolicy":"{{{policy}}}","validations":[{"expression":"object.data.missing == 'x'"},{"expression":"object.data.k != 'bad'","message":"bad"}] }
            """);
        await BindAsync();
        await DeniedAsync("POST", Maps, Map("a", "bad"));
        var answer = await Api.SendAsync("POST", Maps, Map("a"));
        Assert.Equal(denies ? 422 : 201, answer.Status);
        if (denies) Assert.Contains("denied request: expression 'object.data.missing == 'x'' resulted in error: no such key: missing", answer.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task A_namespaces_labels_can_be_asked_for(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync($$$"""{"validations":[{"expression":"namespaceObject.metadata.labels['conformance'] != '{{{Name}}}'","message":"here not"}] }""");
        await BindAsync();
        await DeniedAsync("POST", Maps, Map("a"));
    }

    [Theory, OnEveryServer]
    public async Task Parameters_are_objects_a_binding_names(ServerKind on)
    {
        await OnAsync(on);
        var limit = Map("limit", "5");
        await Api.MustAsync("POST", Maps, limit);
        await PolicyAsync("""{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConditions":[{"name":"kept","expression":"object != null"}],"validations":[{"expression":"object.data.size() <= int(params.data.k)","messageExpression":"'at most ' + params.data.k"}]}""");
        await BindAsync($$$"""{"validationActions":["Deny"],"paramRef":{"name":"limit","namespace":"{{{Name}}}","parameterNotFoundAction":"Deny"} }""");
        var many = Map("many");
        for (var index = 0; index < 5; index++) many["data"]![$"k{index}"] = "v";
        Assert.EndsWith("denied request: at most 5", (await DeniedAsync("POST", Maps, many)).Message, StringComparison.Ordinal);
        await Api.MustAsync("POST", Maps, Map("few"));
        // Without their parameter nobody can tell.
        await Api.MustAsync("PATCH", $"{Policies}/{Name}", JsonNode.Parse("""{"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]}}}"""), "application/merge-patch+json");
        await Eventually.True(async () => (await Api.SendAsync("DELETE", Maps + "/limit")).Status is 200 or 404, "the parameter can go");
        Assert.Contains("no params found for policy binding with `Deny` parameterNotFoundAction", (await DeniedAsync("POST", Maps, Map("any"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [OnEveryServer("object.data.k ==", "validations[0].expression", "compilation failed")]
    [OnEveryServer("nobody.knows == 1", "validations[0].expression", "undeclared reference to 'nobody'")]
    [OnEveryServer("variables.none", "validations[0].expression", "undeclared reference to 'variables'")]
    [OnEveryServer("'text'", "validations[0].expression", "must evaluate to bool")]
    [OnEveryServer("object.data.k", "validations[0].expression", "must evaluate to bool")]
    [OnEveryServer("request.nonsense == 'x'", "validations[0].expression", "undefined field 'nonsense'")]
    public async Task An_expression_that_can_never_be_evaluated_is_refused(ServerKind on, string expression, string field, string problem)
    {
        await OnAsync(on);
        var policy = Policy(new JsonObject { ["validations"] = new JsonArray(new JsonObject { ["expression"] = expression }) }.ToJsonString(), null);
        var refused = await Api.SendAsync("POST", Policies, policy);
        Assert.Equal((422, "Invalid"), (refused.Status, refused.Reason));
        Assert.Equal("spec." + field, refused.Json["details"]!["causes"]![0]!["field"]!.ToString());
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task Defaults_are_filled_in_and_what_contradicts_itself_is_refused(ServerKind on)
    {
        await OnAsync(on);
        await PolicyAsync("""{"validations":[{"expression":"true"}]}""");
        var made = await Api.MustAsync("GET", $"{Policies}/{Name}");
        Assert.Equal(("Fail", "Equivalent", "*"), (
            made["spec"]!["failurePolicy"]!.ToString(), made["spec"]!["matchConstraints"]!["matchPolicy"]!.ToString(), made["spec"]!["matchConstraints"]!["resourceRules"]![0]!["scope"]!.ToString()));
        var both = await Api.SendAsync("POST", Bindings, Binding("""{"validationActions":["Deny","Warn"]}"""));
        Assert.Equal(422, both.Status);
        Assert.Contains("must not contain both Deny and Warn", both.Message, StringComparison.Ordinal);
        var none = await Api.SendAsync("POST", Policies, JsonNode.Parse($$$"""{"metadata":{"name":"{{{Name}}}-none"},"spec":{"matchConstraints":{"resourceRules":[]} } }"""));
        Assert.Equal(422, none.Status);
        Assert.Contains("validations or auditAnnotations must contain at least one item", none.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task A_field_that_the_kind_does_not_have_is_told_in_the_status(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        await PolicyAsync("""{"variables":[{"name":"known","expression":"object.metadata.name"}],"validations":[{"expression":"variables.known == 'a' && has(object.data)"},{"expression":"object.nonsense == 'x'"}]}""");
        JsonNode? status = null;
        await Eventually.True(async () => (status = (await Api.MustAsync("GET", $"{Policies}/{Name}"))["status"])?["observedGeneration"] is not null, "the policy was looked at");
        var warning = Assert.Single(status!["typeChecking"]!["expressionWarnings"]!.AsArray())!;
        Assert.Equal("spec.validations[1].expression", warning["fieldRef"]!.ToString());
        Assert.StartsWith("/v1, Kind=ConfigMap: ", warning["warning"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("undefined field 'nonsense'", warning["warning"]!.ToString(), StringComparison.Ordinal);
    }

    private JsonObject Policy(string spec, Action<JsonNode>? change)
    {
        var policy = new JsonObject { ["metadata"] = new JsonObject { ["name"] = Name }, ["spec"] = JsonNode.Parse(spec) };
        policy["spec"]!["matchConstraints"] = JsonNode.Parse("""{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE","DELETE"],"resources":["configmaps"]}]}""");
        change?.Invoke(policy["spec"]!["matchConstraints"]!);
        return policy;
    }

    private async Task PolicyAsync(string spec, Action<JsonNode>? change = null)
    {
        await Api.MustAsync("POST", Policies, Policy(spec, change));
        RemoveAfterwards($"{Policies}/{Name}");
    }

    private async Task BindAsync(string spec = """{"validationActions":["Deny"]}""")
    {
        await Api.MustAsync("POST", Bindings, Binding(spec));
        RemoveAfterwards($"{Bindings}/{Name}");
    }

    /// <summary>For this test's namespace alone.</summary>
    private JsonObject Binding(string spec)
    {
        var binding = new JsonObject { ["metadata"] = new JsonObject { ["name"] = Name }, ["spec"] = JsonNode.Parse(spec) };
        binding["spec"]!["policyName"] = Name;
        binding["spec"]!["matchResources"] = JsonNode.Parse($$$"""{"namespaceSelector":{"matchLabels":{"conformance":"{{{Name}}}"} } }""");
        return binding;
    }

    /// <summary>Tries until the server says no, which a real one does only a moment after the policy was made.</summary>
    private async Task<Answer> DeniedAsync(string method, string path, JsonNode? body = null, string type = "application/json")
    {
        Answer answer = null!;
        await Eventually.True(
            async () => (answer = await Api.SendAsync(method, path + "?dryRun=All", body, type)).Message.Contains($"ValidatingAdmissionPolicy '{Name}'", StringComparison.Ordinal),
            $"{method} {path} is denied");
        return answer;
    }
}
