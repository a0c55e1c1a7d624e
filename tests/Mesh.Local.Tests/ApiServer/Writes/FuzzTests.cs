using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Writes;

/// <summary>Whatever is sent, the server answers; and never with a fault of its own.</summary>
public sealed class FuzzTests
{
    private const int Requests = 1500;

    [Theory]
    [InlineData(1)]
    [InlineData(20260102)]
    public async Task Nothing_that_is_sent_is_a_fault_of_the_server(int seed)
    {
        await using var server = await ApiServerFixture.StartAsync();
        await server.CreateNamespaceAsync("fuzz");
        await server.DefineAsync(Definition());
        var seeds = Seeds();
        foreach (var (collection, _, body) in seeds)
            await server.MustAsync("POST", collection, body.DeepClone());
        var random = new Random(seed);
        var faults = new Dictionary<string, FuzzedRequest>();
        for (var i = 0; i < Requests; i++)
        {
            var request = FuzzedRequest.Of(random, seeds[random.Next(seeds.Length)]);
            var (status, text) = await SendAsync(server, request);
            foreach (var fault in server.Faults)
                faults.TryAdd(string.Join("\n", fault.ToString().Split('\n').Take(4)), request);
            server.Faults.Clear();
            Assert.True(status < 500 || !text.Contains("Internal error occurred", StringComparison.Ordinal) || faults.Count > 0, $"{status} {text}\n{request}");
            if (text.StartsWith('{'))
                Assert.NotNull(JsonNode.Parse(text, null, new() { MaxDepth = 600 }));
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults.Select(pair => $"{pair.Key}\n{pair.Value}")));
    }

    private static async Task<(int, string)> SendAsync(ApiServerFixture server, FuzzedRequest request)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(server.Url, request.Target)) { Content = new ByteArrayContent(request.Body) };
        message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        using var response = await server.Client.SendAsync(message);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static (string, string, JsonObject)[] Seeds() =>
    [
        Seed("/api/v1/namespaces/fuzz/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"a":"b"},"annotations":{"c":"d"}},"data":{"k":"v"},"binaryData":{"b":"AAA="}}"""),
        Seed("/api/v1/namespaces/fuzz/secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"u":"v"},"data":{"k":"eA=="}}"""),
        Seed("/api/v1/namespaces/fuzz/services", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"selector":{"app":"a"},"ports":[{"name":"http","port":80,"targetPort":"http"},{"name":"b","port":90}]}}"""),
        Seed("/apis/coordination.k8s.io/v1/namespaces/fuzz/leases", """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"},"spec":{"holderIdentity":"x","leaseDurationSeconds":15,"renewTime":"2026-01-02T03:04:05.000000Z"}}"""),
        Seed("/apis/apps/v1/namespaces/fuzz/deployments", """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"a"}},
             "template":{"metadata":{"labels":{"app":"a"}},"spec":{"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"c","image":"i","args":["x"],
             "env":[{"name":"A","value":"1"}],"ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"500m","memory":"64Mi"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],
             "readinessProbe":{"httpGet":{"path":"/","port":80}}}]}}},"status":{"replicas":1,"conditions":[{"type":"Available","status":"True"}]}}
            """),
        Seed("/apis/test.example.com/v1/namespaces/fuzz/things", """
            {"apiVersion":"test.example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"routes":[{"name":"r","port":1}],"tags":["x"],"hosts":["h"],
             "free":{"q":{"z":1}},"any":80,"weight":5},"status":{"conditions":[{"type":"Ready","status":"True"}]}}
            """),
        Seed("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition("others").ToJsonString(), "others.test.example.com"),
    ];

    private static (string, string, JsonObject) Seed(string collection, string body, string name = "a") =>
        (collection, collection + "/" + name, (JsonObject)JsonNode.Parse(body)!);

    private static JsonObject Definition(string plural = "things") => (JsonObject)JsonNode.Parse($$$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{plural}}}.test.example.com"},
         "spec":{"group":"test.example.com","scope":"Namespaced","names":{"plural":"{{{plural}}}","kind":"{{{(plural == "things" ? "Thing" : "Other")}}}"},
         "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{
           "spec":{"type":"object","required":["hosts"],"x-kubernetes-validations":[{"rule":"!has(self.weight) || self.weight < 50 || self.hosts.size() > 1"}],"properties":{
             "routes":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"port":{"type":"integer","format":"int32"}} }},
             "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string","pattern":"^[a-z]+$"}},
             "hosts":{"type":"array","minItems":1,"items":{"type":"string","maxLength":20}},
             "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
             "any":{"x-kubernetes-int-or-string":true},
             "weight":{"type":"integer","default":3,"maximum":100}} },
           "status":{"type":"object","properties":{"conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
             "items":{"type":"object","required":["type"],"properties":{"type":{"type":"string"},"status":{"type":"string"}} }} } }} } }}]}}
        """)!;
}
