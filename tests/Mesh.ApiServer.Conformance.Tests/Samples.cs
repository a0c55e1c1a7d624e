using System.Text.Json.Nodes;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Small valid objects.</summary>
internal static class Samples
{
    public static JsonNode Deployment(string name, int replicas, string image = "example.invalid/app:1", string? command = null) => JsonNode.Parse($$$"""
        {"metadata":{"name":"{{{name}}}"},
         "spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"{{{name}}}"}},
          "template":{"metadata":{"labels":{"app":"{{{name}}}"}},"spec":{{{PodSpec(image, command)}}} } } }
        """)!;

    public static JsonNode Pod(string name, string image = "example.invalid/app:1", string? command = null) =>
        JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"}},"spec":{{{PodSpec(image, command)}}} }""")!;

    public static JsonNode Service(string name, string more = "") =>
        JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"selector":{"app":"{{{name}}}"},"ports":[{"port":80}]{{{more}}} } }""")!;

    private static string PodSpec(string image, string? command) =>
        command is null
            ? $$"""{"containers":[{"name":"c","image":"{{image}}"}]}"""
            : $$"""{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"{{image}}","command":["sh","-c",{{JsonValue.Create(command).ToJsonString()}}]}]}""";
}
