using System.Text.Json;

namespace Mesh.Local;

/// <summary>What a running mesh says about itself to the commands: written when it starts and when it is ready, removed when it ends.</summary>
public sealed record MeshRecord
{
    public required string Name { get; init; }

    /// <summary>The supervisor's process.</summary>
    public required int Pid { get; init; }

    /// <summary>When that process began, as the kernel tells it: its number may come to be another's.</summary>
    public string? Began { get; init; }

    internal bool IsOfRunning => ProcessLedger.StartOf(Pid) is { } began && began == Began;

    /// <summary>The control plane's address inside; with one node also the node's.</summary>
    public required string NodeAddress { get; init; }

    public required string PodSubnet { get; init; }

    public required string ServiceSubnet { get; init; }

    /// <summary>The API server's address on this machine.</summary>
    public required string Server { get; init; }

    /// <summary>Path under /proc of the network namespace from which all pods are reached, while the supervisor lives: the control plane's.</summary>
    public required string NodeNetwork { get; init; }

    public IReadOnlyList<NodeRecord> Nodes { get; init; } = [];

    /// <summary>A cluster without an operator of its own.</summary>
    public bool Bare { get; init; }

    public bool Ready { get; init; }

    /// <summary>What did not become ready, in words; empty when all did.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The sample's page on this machine, when the sample runs.</summary>
    public string? Page { get; init; }

    public void Write(string path)
    {
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, LocalJson.Default.MeshRecord));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>The record, or null when there is none.</summary>
    public static MeshRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), LocalJson.Default.MeshRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}
