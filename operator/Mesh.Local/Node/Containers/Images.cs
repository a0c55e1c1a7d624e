using System.Collections.Immutable;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// What stands behind an image name here: the project's own programs from their build output, or the machine itself. There
/// is no registry; any other name is an error that says so, and so is a tag that is neither this build's nor one of
/// <see cref="Tags"/>: two versions never pass for one.
/// </summary>
internal sealed class Images(string programs, string dotnetRoot)
{
    private const uint Nobody = 65534;
    private const uint MeshOperator = 65532;

    /// <summary>Where the programs stand inside a container.</summary>
    private const string Inside = "/opt/mesh";

    /// <summary>Further names for the machine itself.</summary>
    public ImmutableArray<string> HostNames { get; init; } = [];

    /// <summary>Where the programs of further versions are, by the tag of mesh/… images that means them.</summary>
    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The tag of this build, the version in its assemblies; a name without a tag means the same.</summary>
    public static string Version { get; } = typeof(Images).Assembly.GetName().Version!.ToString(3);

    /// <exception cref="ContainerStartException">No such image.</exception>
    public Image Find(string name, string? pullPolicy = null)
    {
        var (bare, tag) = Split(name);
        return bare switch
        {
            _ when HostNames.Contains(bare) => new Image { Entrypoint = [], User = 0, Mounts = [], Environment = [] },
            "local/host" => new Image { Entrypoint = [], User = Nobody, Mounts = [], Environment = [] },
            "mesh/init" => Program("init", "Mesh.Init", user: 0),
            "mesh/sidecar" => Program("sidecar", "Mesh.Sidecar", user: 1337),
            "mesh/operator" => Program("operator", "Mesh.Operator", MeshOperator),
            "mesh/bookinfo" => Program("bookinfo", "Mesh.Bookinfo", Nobody),
            _ when StandIns.Find(bare) is { } standIn => Instead(standIn),
            _ => throw Missing($"image \"{name}\" is not known here: a local mesh has no registry; it runs mesh/init, mesh/sidecar, mesh/operator, mesh/bookinfo and local/host (a command of this machine), and has stand-ins for {StandIns.Names}"),
        };

        Image Program(string program, string assembly, uint user) => Of(Directory(tag), program, assembly, user);

        string Directory(string? tag) => tag is not null && Tags.TryGetValue(tag, out var other) ? other
            : tag is null or "latest" || tag == Version ? programs
            : throw Missing($"image \"{name}\" is not known here: the tags of {bare} are {string.Join(", ", Tags.Keys.Order(StringComparer.Ordinal).Prepend(Version))}; mesh up --images {tag}=DIRECTORY gives it programs (DIRECTORY holds sidecar, init, operator and bookinfo as bin does)");

        ContainerStartException Missing(string message) => pullPolicy == "Never"
            ? new("ErrImageNeverPull", $"Container image \"{name}\" is not present with pull policy of Never", 0)
            : new("ErrImagePull", message, 0);
    }

    private Image Instead(StandIn standIn)
    {
        var image = Find(standIn.Image);
        var mounts = standIn.Command is { } command
            ? image.Mounts.Add(new BindMount(Path.Combine(image.Mounts[0].Source, Path.GetFileName(command)), command, true))
            : image.Mounts;
        return image with { Entrypoint = [.. image.Entrypoint, .. standIn.Part], Arguments = standIn.Arguments, Mounts = mounts };
    }

    private Image Of(string version, string name, string assembly, uint user)
    {
        var directory = Path.Combine(version, name);
        var files = new BindMount(directory, $"{Inside}/{name}", true);
        // Native code, as in the images (make native), needs nothing beside it.
        if (!File.Exists(Path.Combine(directory, $"{assembly}.dll")) && File.Exists(Path.Combine(directory, assembly)))
            return new Image { Entrypoint = [$"{Inside}/{name}/{assembly}"], User = user, Mounts = [files], Environment = [] };
        if (!File.Exists(Path.Combine(directory, $"{assembly}.runtimeconfig.json")))
            throw new ContainerStartException("ErrImagePull", $"image mesh/{name} is not built: {directory} holds no program (make build there)", 0);
        return new Image
        {
            Entrypoint = [$"{Inside}/dotnet/dotnet", $"{Inside}/{name}/{assembly}.dll"],
            User = user,
            Mounts = [files, new BindMount(dotnetRoot, $"{Inside}/dotnet", true)],
            Environment = [KeyValuePair.Create("DOTNET_ROOT", $"{Inside}/dotnet"), KeyValuePair.Create("DOTNET_gcServer", "0")],
        };
    }

    private static (string Name, string? Tag) Split(string name)
    {
        var digest = name.IndexOf('@');
        if (digest >= 0) name = name[..digest];
        var tag = name.LastIndexOf(':');
        return tag > name.LastIndexOf('/') ? (name[..tag], name[(tag + 1)..]) : (name, null);
    }
}
