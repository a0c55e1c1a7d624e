using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>What another service said, or why it could not be asked.</summary>
public sealed record ServiceAnswer
{
    /// <summary>Header in which every service names its pod.</summary>
    public const string PodHeader = "x-bookinfo-pod";

    /// <summary>Header in which every service names its version.</summary>
    public const string VersionHeader = "x-bookinfo-version";

    /// <summary>Status code; 0 where there was no answer.</summary>
    public required int Status { get; init; }

    /// <summary>The JSON body of a good answer.</summary>
    public JsonNode? Body { get; init; }

    /// <summary>In words, what went wrong; null for a good answer.</summary>
    public string? Problem { get; init; }

    /// <summary>Pod that answered; empty where the answer came from something else, such as a proxy.</summary>
    public string Pod { get; init; } = "";

    /// <summary>Version of that pod.</summary>
    public string Version { get; init; } = "";

    /// <summary>Time it took, all tries together.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How often it was asked.</summary>
    public int Tries { get; init; } = 1;
}
