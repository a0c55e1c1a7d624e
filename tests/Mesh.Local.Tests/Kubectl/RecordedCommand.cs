using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.Tests.Kubectl;

/// <summary>One command that was typed against a real API server: what was asked for it, and how it ended.</summary>
internal sealed record RecordedCommand(string Line, int Exit, IReadOnlyList<(string Method, string Path, int Status)> Requests, JsonNode Recorded)
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static IReadOnlyList<RecordedCommand> Read(string path)
    {
        var recorded = YamlReader.Read(System.IO.File.ReadAllText(path));
        return [.. recorded!["commands"]!.AsArray().Select(command => new RecordedCommand(
            command!["command"]!.GetValue<string>(),
            (int)command["exit"]!,
            [.. (command["requests"] as JsonArray ?? []).Select(request => ((string)request!["method"]!, (string)request["path"]!, (int)request["status"]!))],
            command))];
    }

    /// <summary>The words after "kubectl": split at spaces, as the recorded ones hold none inside.</summary>
    public IEnumerable<string> Words => Line.Split(' ').Skip(1);

    /// <summary>The file it reads, if any.</summary>
    public string? File => Words.FirstOrDefault(word => word.EndsWith(".yaml", StringComparison.Ordinal));

    /// <summary>What stood in that file: kubectl writes it into the object it applies, with an empty map it adds.</summary>
    public string? Manifest => Recorded["requests"]?.AsArray()
        .Select(request => (request?["body"] as JsonObject)?["metadata"]?["annotations"]?[LastApplied]?.GetValue<string>())
        .FirstOrDefault(text => text is not null)?.Replace("\"annotations\":{},", "", StringComparison.Ordinal);
}
