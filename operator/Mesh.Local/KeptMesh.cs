using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mesh.Local.Node.Network;

namespace Mesh.Local;

/// <summary>
/// What the objects that `mesh up --keep` keeps were made for: addresses, nodes, and the port kubeconfigs name. It lies beside
/// them; a mesh that cannot give them the same again says so and does not start.
/// </summary>
public sealed record KeptMesh
{
    public required string PodSubnet { get; init; }

    public required string ServiceSubnet { get; init; }

    /// <summary>Of the API server on this machine.</summary>
    public required int Port { get; init; }

    public required int Nodes { get; init; }

    public required int Zones { get; init; }

    /// <summary>A cluster that the mesh came to by deployment, if at all.</summary>
    public bool Bare { get; init; }

    /// <summary>What was to be applied has been; a mesh killed before that applies it when it starts again.</summary>
    public bool Applied { get; init; }

    public static string Journal(MeshPaths paths) => Path.Combine(paths.Kept, "objects");

    /// <summary>What an earlier mesh kept under this name; null when there is nothing.</summary>
    public static KeptMesh? Read(MeshPaths paths)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Description(paths)), LocalJson.Default.KeptMesh);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Write(MeshPaths paths)
    {
        Directory.CreateDirectory(paths.Kept);
        File.WriteAllText(Description(paths) + ".new", JsonSerializer.Serialize(this, LocalJson.Default.KeptMesh));
        File.Move(Description(paths) + ".new", Description(paths), overwrite: true);
    }

    /// <summary>Removes what is kept; false when there was nothing.</summary>
    public static bool Forget(MeshPaths paths)
    {
        if (!Directory.Exists(paths.Kept)) return false;
        Directory.Delete(paths.Kept, recursive: true);
        return true;
    }

    /// <exception cref="IOException">This machine, or what was asked for, is not what the objects were made for.</exception>
    public void MustFit(AddressPlan plan, MeshOptions options)
    {
        var forget = $"mesh down --forget{(options.Paths.Name == MeshPaths.DefaultName ? "" : $" --name {options.Paths.Name}")} removes what is kept";
        if (plan.Pods.ToString() != PodSubnet || plan.Services.ToString() != ServiceSubnet)
            throw new IOException($"the objects kept were made for pods in {PodSubnet} and services in {ServiceSubnet}, where this machine has a route of its own now; {forget}");
        if (options.Nodes != Nodes || options.Zones != Zones)
            throw new IOException($"the objects kept were made for --nodes {Nodes} --zones {Zones}: start with the same; {forget}");
        if (options.Bare != Bare)
            throw new IOException($"the objects kept are those of a cluster {(Bare ? "begun with" : "begun without")} --bare: start with the same; {forget}");
    }

    /// <summary>The port it had, when it is free, so that kubeconfigs that were copied stay good; any other when not.</summary>
    public static IPEndPoint Listen(KeptMesh? kept)
    {
        if (kept is null) return new IPEndPoint(IPAddress.Loopback, 0);
        var known = new IPEndPoint(IPAddress.Loopback, kept.Port);
        try
        {
            using var trial = new TcpListener(known);
            trial.Start();
            return known;
        }
        catch (SocketException)
        {
            return new IPEndPoint(IPAddress.Loopback, 0);
        }
    }

    private static string Description(MeshPaths paths) => Path.Combine(paths.Kept, "mesh.json");
}
