using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Making, reading and replacing objects: what the server adds, what it refuses, and with which words.</summary>
public sealed class ObjectTests(ServerPool servers) : Behaviour(servers)
{
    [Theory, OnEveryServer]
    public async Task A_new_object_gets_its_identity(ServerKind on)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("POST", Maps, Map("a"));
        Assert.Equal(201, answer.Status);
        var meta = answer.Json["metadata"]!;
        Assert.True(Guid.TryParse(meta["uid"]!.ToString(), out _));
        Assert.Equal(Name, meta["namespace"]!.ToString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", meta["creationTimestamp"]!.ToString());
        Assert.Equal(("conformance", "Update"), (meta["managedFields"]![0]!["manager"]!.ToString(), meta["managedFields"]![0]!["operation"]!.ToString()));
        Assert.True(Revision(answer.Json) > 0);
        Assert.Equal(answer.Json.ToJsonString(), (await Api.MustAsync("GET", Maps + "/a")).ToJsonString());
    }

    [Theory, OnEveryServer]
    public async Task A_name_is_taken_once(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        var again = await Api.SendAsync("POST", Maps, Map("a"));
        Assert.Equal((409, "AlreadyExists", "configmaps \"a\" already exists"), (again.Status, again.Reason, again.Message));
    }

    [Theory, OnEveryServer]
    public async Task A_name_is_made_from_its_beginning(ServerKind on)
    {
        await OnAsync(on);
        var body = JsonNode.Parse("""{"metadata":{"generateName":"made-"}}""")!;
        var names = new[] { await Api.MustAsync("POST", Maps, body), await Api.MustAsync("POST", Maps, body) }.Select(made => made["metadata"]!["name"]!.ToString()).ToList();
        Assert.All(names, name => Assert.Matches("^made-[bcdfghjklmnpqrstvwxz2456789]{5}$", name));
        Assert.Equal(2, names.Distinct().Count());
    }

    [Theory, OnEveryServer]
    public async Task What_is_not_there_is_not_found(ServerKind on)
    {
        await OnAsync(on);
        var missing = await Api.SendAsync("GET", Maps + "/none");
        Assert.Equal((404, "NotFound", "configmaps \"none\" not found"), (missing.Status, missing.Reason, missing.Message));
        Assert.Equal(404, (await Api.SendAsync("PUT", Maps + "/none", Map("none"))).Status);
        Assert.Equal(404, (await Api.SendAsync("DELETE", Maps + "/none")).Status);
        var nowhere = await Api.SendAsync("POST", $"/api/v1/namespaces/{Name}-none/configmaps", Map("a"));
        Assert.Equal((404, $"namespaces \"{Name}-none\" not found"), (nowhere.Status, nowhere.Message));
    }

    [Theory, OnEveryServer]
    public async Task A_stale_write_is_refused_and_a_current_one_stands(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Maps, Map("a", "1"));
        var current = await Api.MustAsync("PUT", Maps + "/a", Map("a", "2"));
        made["data"]!["k"] = "3";
        var stale = await Api.SendAsync("PUT", Maps + "/a", made);
        Assert.Equal((409, "Conflict"), (stale.Status, stale.Reason));
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", stale.Message);
        current["data"]!["k"] = "3";
        Assert.True(Revision(await Api.MustAsync("PUT", Maps + "/a", current)) > Revision(current));
    }

    [Theory, OnEveryServer]
    public async Task Replacing_by_the_same_writes_nothing(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Maps, Map("a"));
        Assert.Equal(Revision(made), Revision(await Api.MustAsync("PUT", Maps + "/a", made)));
        Assert.Equal(Revision(made), Revision(await Api.MergeAsync(Maps + "/a", """{"data":{"k":"v"}}""")));
    }

    [Theory, OnEveryServer]
    public async Task The_address_and_the_object_agree(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        var other = await Api.SendAsync("PUT", Maps + "/a", Map("b"));
        Assert.Equal((400, "the name of the object (b) does not match the name on the URL (a)"), (other.Status, other.Message));
        var elsewhere = Map("c");
        elsewhere["metadata"]!["namespace"] = "default";
        var wrong = await Api.SendAsync("POST", Maps, elsewhere);
        Assert.Equal((400, "the namespace of the provided object does not match the namespace sent on the request"), (wrong.Status, wrong.Message));
    }

    [Theory]
    [OnEveryServer("UPPER", "FieldValueInvalid metadata.name: Invalid value: \"UPPER\": a lowercase RFC 1123 subdomain must consist of")]
    [OnEveryServer("-a", "FieldValueInvalid metadata.name: Invalid value: \"-a\": a lowercase RFC 1123 subdomain must consist of")]
    [OnEveryServer("a_b", "FieldValueInvalid metadata.name: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of")]
    public async Task A_name_that_cannot_be_is_refused_with_its_field(ServerKind on, string name, string cause)
    {
        await OnAsync(on);
        var refused = await Api.SendAsync("POST", Maps, Map(name));
        Assert.Equal((422, "Invalid"), (refused.Status, refused.Reason));
        Assert.StartsWith(cause, Assert.Single(refused.Causes), StringComparison.Ordinal);
    }

    [Theory]
    [OnEveryServer("{", 400)]
    [OnEveryServer("", 400)]
    [OnEveryServer("[1]", 400)]
    [OnEveryServer("{\"metadata\":7}", 400)]
    [OnEveryServer("{\"kind\":\"Secret\",\"apiVersion\":\"v1\"}", 400)]
    [OnEveryServer("{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":1}}", 400)]
    [OnEveryServer("{\"metadata\":{\"name\":\"a\",\"labels\":{\"k\":\"not valid!\"}}}", 422)]
    [OnEveryServer("{\"metadata\":{\"name\":\"a\"},\"data\":{\"not valid!\":\"v\"}}", 422)]
    public async Task A_malformed_body_gets_a_status(ServerKind on, string body, int code)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("POST", Maps, rawBody: body);
        Assert.Equal((code, "Status", "Failure"), (answer.Status, answer.Json["kind"]!.ToString(), answer.Json["status"]!.ToString()));
        Assert.Equal(code, answer.Json["code"]!.GetValue<int>());
    }

    [Theory, OnEveryServer]
    public async Task A_body_of_another_language_is_told_so(ServerKind on)
    {
        await OnAsync(on);
        Assert.Equal(415, (await Api.SendAsync("POST", Maps, rawBody: "x", contentType: "text/plain")).Status);
        var yaml = await Api.SendAsync("POST", Maps, rawBody: "metadata: {name: doc}\ndata: {k: 'yes'}\n", contentType: "application/yaml");
        Assert.Equal((201, "yes"), (yaml.Status, yaml.Json["data"]!["k"]!.ToString()));
        Assert.Contains("name: doc", (await Api.SendAsync("GET", Maps + "/doc", accept: "application/yaml")).Text, StringComparison.Ordinal);
        Assert.Equal(406, (await Api.SendAsync("GET", Maps + "/doc", accept: "image/png")).Status);
    }

    [Theory, OnEveryServer]
    public async Task Unknown_fields_warn_are_ignored_or_refused_as_asked(ServerKind on)
    {
        await OnAsync(on);
        var body = Map("u");
        body["foo"] = 1;
        Assert.Equal(["299 - \"unknown field \\\"foo\\\"\""], (await Api.SendAsync("POST", Maps, body)).Warnings);
        body["metadata"]!["name"] = "v";
        Assert.Empty((await Api.SendAsync("POST", Maps + "?fieldValidation=Ignore", body)).Warnings);
        body["metadata"]!["name"] = "w";
        var strict = await Api.SendAsync("POST", Maps + "?fieldValidation=Strict", body);
        Assert.Equal(400, strict.Status);
        Assert.Contains("strict decoding error: unknown field \"foo\"", strict.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task A_dry_run_answers_as_if_and_stores_nothing(ServerKind on)
    {
        await OnAsync(on);
        var tried = await Api.SendAsync("POST", Maps + "?dryRun=All", Map("a"));
        Assert.Equal(201, tried.Status);
        Assert.NotNull(tried.Json["metadata"]!["uid"]);
        Assert.Equal(404, (await Api.SendAsync("GET", Maps + "/a")).Status);
        await Api.MustAsync("POST", Maps, Map("a"));
        await Api.MustAsync("DELETE", Maps + "/a?dryRun=All");
        await Api.MustAsync("PUT", Maps + "/a?dryRun=All", Map("a", "other"));
        Assert.Equal("v", (await Api.MustAsync("GET", Maps + "/a"))["data"]!["k"]!.ToString());
        Assert.Equal(422, (await Api.SendAsync("POST", Maps + "?dryRun=Some", Map("b"))).Status);
    }

    [Theory, OnEveryServer]
    public async Task Generation_counts_changes_of_what_is_wanted_and_status_has_its_own_door(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Deployments, Samples.Deployment("web", replicas: 0));
        Assert.Equal(1, made["metadata"]!["generation"]!.GetValue<int>());
        await Api.MergeAsync(Deployments + "/web", """{"metadata":{"labels":{"x":"y"}}}""");
        var changed = await Api.MergeAsync(Deployments + "/web", """{"spec":{"minReadySeconds":3},"status":{"collisionCount":7}}""");
        Assert.Equal(2, changed["metadata"]!["generation"]!.GetValue<int>());
        Assert.Null(changed["status"]!["collisionCount"]);
        var status = await Api.MergeAsync(Deployments + "/web/status", """{"spec":{"minReadySeconds":9},"status":{"collisionCount":7}}""");
        Assert.Equal((3, 7, 2), (status["spec"]!["minReadySeconds"]!.GetValue<int>(), status["status"]!["collisionCount"]!.GetValue<int>(), status["metadata"]!["generation"]!.GetValue<int>()));
    }

    [Theory, OnEveryServer]
    public async Task A_Secret_takes_texts_and_gives_bytes(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Core + "/secrets", JsonNode.Parse("""{"metadata":{"name":"s"},"stringData":{"a":"b"}}"""));
        Assert.Equal(("Opaque", "Yg=="), (made["type"]!.ToString(), made["data"]!["a"]!.ToString()));
        Assert.Null(made["stringData"]);
        Assert.Equal(422, (await Api.SendAsync("PATCH", Core + "/secrets/s", JsonNode.Parse("""{"type":"other"}"""), "application/merge-patch+json")).Status);
        var tls = await Api.SendAsync("POST", Core + "/secrets", JsonNode.Parse("""{"metadata":{"name":"t"},"type":"kubernetes.io/tls"}"""));
        Assert.Equal(["FieldValueRequired data[tls.crt]: Required value", "FieldValueRequired data[tls.key]: Required value"], tls.Causes);
    }

    [Theory, OnEveryServer]
    public async Task Immutable_data_stays(ServerKind on)
    {
        await OnAsync(on);
        var map = Map("a");
        map["immutable"] = true;
        await Api.MustAsync("POST", Maps, map);
        var refused = await Api.SendAsync("PATCH", Maps + "/a", JsonNode.Parse("""{"data":{"k":"w"}}"""), "application/merge-patch+json");
        Assert.Equal(422, refused.Status);
        Assert.Contains("field is immutable when `immutable` is set", refused.Message, StringComparison.Ordinal);
    }
}
