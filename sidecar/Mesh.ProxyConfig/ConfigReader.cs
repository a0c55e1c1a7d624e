using System.Collections.Immutable;
using System.Text.Json;

namespace Mesh.Config;

/// <summary>
/// Reads a document: every section that the manifest names is there, is what its hash says, and holds nothing this build
/// does not know. Whether the parts make sense together is <see cref="ProxyConfigValidator"/>'s question.
/// </summary>
public sealed class ConfigReader
{
    private readonly List<ConfigProblem> problems = [];
    private readonly ProxyConfig? previous;
    private readonly bool partial;
    private readonly Dictionary<string, string> previousHashes;
    private readonly ILookup<string, Cluster>? previousClusters;
    private readonly ILookup<string, EndpointGroup>? previousEndpoints;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> sections = [];

    private ConfigReader(ProxyConfig? previous, bool partial)
    {
        (this.previous, this.partial) = (previous, partial);
        previousHashes = previous?.Manifest.Sections.ToDictionary(section => section.Name, section => section.Hash, StringComparer.Ordinal) ?? [];
        previousClusters = previous?.Clusters.ToLookup(cluster => cluster.Host, StringComparer.Ordinal);
        previousEndpoints = previous?.Endpoints.ToLookup(group => group.Host, StringComparer.Ordinal);
    }

    /// <summary>Reads a document, plain or gzip.</summary>
    /// <param name="document">The bytes.</param>
    /// <param name="podUid">Uid of the pod that reads; empty when unknown.</param>
    /// <param name="previous">Config in force: sections it has already are not read again but shared.</param>
    /// <param name="partial">A push: sections that <paramref name="previous"/> has with the same hash may be left out.</param>
    public static ConfigReading Read(ReadOnlyMemory<byte> document, string podUid = "", ProxyConfig? previous = null, bool partial = false)
    {
        try
        {
            return new ConfigReader(previous, partial).ReadDocument(ConfigDocument.Unfold(document), podUid);
        }
        catch (JsonException wrong)
        {
            return Unreadable(wrong.Message);
        }
        catch (InvalidDataException wrong)
        {
            return Unreadable(wrong.Message);
        }
    }

    private static ConfigReading Unreadable(string why) => new() { Problems = [new ConfigProblem("", $"not a config document: {why}")] };

    private ConfigReading ReadDocument(ReadOnlyMemory<byte> document, string podUid)
    {
        var manifestBytes = TakeApart(document);
        if (manifestBytes.IsEmpty) return Refused(null, "manifest", "missing");
        if (FormatVersionOf(manifestBytes) is { } version && version > ProxyConfig.CurrentFormatVersion)
            return Refused(null, "manifest: formatVersion", $"{version} is newer than {ProxyConfig.CurrentFormatVersion}, the newest this sidecar reads");

        if (ReadRecord<Manifest>("manifest", manifestBytes) is not { } manifest) return Refused(null);
        CheckManifest(manifest, podUid);
        var config = Assemble(manifest);
        return config is null || problems.Count > 0
            ? Refused(manifest)
            : new ConfigReading { Manifest = manifest, Config = config };
    }

    private ReadOnlyMemory<byte> TakeApart(ReadOnlyMemory<byte> document)
    {
        ReadOnlyMemory<byte> manifest = default;
        foreach (var (name, value) in JsonObjectSlices.Of(document))
        {
            if (name == "manifest") manifest = value;
            else if (name != "sections") Problem("", $"'{name}' is not known here");
            else
            {
                foreach (var (section, content) in JsonObjectSlices.Of(value))
                {
                    if (!sections.TryAdd(section, content)) Problem(section, "stands twice");
                }
            }
        }

        return manifest;
    }

    // Before the strict reading, so that a newer format is called newer and not full of unknown members.
    private static int? FormatVersionOf(ReadOnlyMemory<byte> manifest)
    {
        using var json = JsonDocument.Parse(manifest);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("formatVersion", out var version)
            && version.ValueKind == JsonValueKind.Number
            && version.TryGetInt32(out var number)
            ? number
            : null;
    }

    private void CheckManifest(Manifest manifest, string podUid)
    {
        if (podUid.Length > 0 && manifest.PodUid.Length > 0 && manifest.PodUid != podUid)
            Problem("manifest: podUid", $"the config is for pod {manifest.PodUid}, this is {podUid}");
        if (manifest.FormatVersion < 1) Problem("manifest: formatVersion", $"{manifest.FormatVersion} is not a format version");
        if (manifest.Revision < 1) Problem("manifest: revision", $"{manifest.Revision} is not a revision; they start at 1");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var section in manifest.Sections)
        {
            if (!names.Add(section.Name)) Problem("manifest: sections", $"'{section.Name}' is named twice");
        }

        foreach (var name in sections.Keys)
        {
            if (!names.Contains(name)) Problem(name, "not named in the manifest");
        }

        if (ConfigDocument.HashOf(manifest.Sections) != manifest.Hash) Problem("manifest: hash", "not the hash of these sections");
    }

    private ProxyConfig? Assemble(Manifest manifest)
    {
        var parts = new ConfigParts();
        foreach (var section in manifest.Sections)
        {
            if (!sections.TryGetValue(section.Name, out var bytes))
            {
                if (partial && previousHashes.TryGetValue(section.Name, out var held) && held == section.Hash) ReadSection(parts, section, default);
                else Problem(section.Name, partial ? "missing, and not in force with this hash" : "missing");
            }
            else if (Section.HashOf(bytes.Span) != section.Hash) Problem(section.Name, "its content is not what its hash in the manifest says");
            else ReadSection(parts, section, bytes);
        }

        foreach (var required in parts.MissingFrom(manifest)) Problem(required, "missing");
        return problems.Count > 0 ? null : parts.Assemble(manifest);
    }

    private void ReadSection(ConfigParts parts, SectionRef section, ReadOnlyMemory<byte> bytes)
    {
        var same = previousHashes.TryGetValue(section.Name, out var hash) && hash == section.Hash ? previous : null;
        var name = section.Name;
        switch (name)
        {
            case SectionNames.Workload:
                parts.Workload = same?.Workload ?? ReadRecord<WorkloadConfig>(name, bytes);
                return;
            case SectionNames.Mesh:
                parts.Mesh = same?.Mesh ?? ReadRecord<MeshSettings>(name, bytes);
                return;
            case SectionNames.Inbound:
                parts.Inbound = same?.Inbound ?? ReadRecord<InboundConfig>(name, bytes);
                return;
            case SectionNames.Outbound:
                parts.Outbound = same?.Outbound ?? ReadRecord<OutboundConfig>(name, bytes);
                return;
        }

        if (name.StartsWith(SectionNames.Routes, StringComparison.Ordinal))
        {
            var table = name[SectionNames.Routes.Length..];
            Add(parts.Routes, same?.Routes.Where(known => known.Name == table), () => ReadRoutes(name, table, bytes));
        }
        else if (name.StartsWith(SectionNames.Clusters, StringComparison.Ordinal))
        {
            var host = name[SectionNames.Clusters.Length..];
            Add(parts.Clusters, same is null ? null : previousClusters![host], () => ReadClusters(name, host, bytes));
        }
        else if (name.StartsWith(SectionNames.Endpoints, StringComparison.Ordinal))
        {
            var host = name[SectionNames.Endpoints.Length..];
            Add(parts.Endpoints, same is null ? null : previousEndpoints![host], () => ReadEndpoints(name, host, bytes));
        }
        else
        {
            Problem(name, "not a section this sidecar knows");
        }
    }

    private ImmutableArray<RouteTable> ReadRoutes(string section, string table, ReadOnlyMemory<byte> bytes) =>
        ReadRecord<RouteTable>(section, bytes) is { } read && Is(section, read.Name, table) ? [read] : [];

    private ImmutableArray<Cluster> ReadClusters(string section, string host, ReadOnlyMemory<byte> bytes) =>
        ReadRecord<ClusterSet>(section, bytes) is { } read && Is(section, read.Host, host) && read.Clusters.All(cluster => Is(section, cluster.Host, host))
            ? read.Clusters
            : [];

    private ImmutableArray<EndpointGroup> ReadEndpoints(string section, string host, ReadOnlyMemory<byte> bytes) =>
        ReadRecord<EndpointSet>(section, bytes) is { } read && Is(section, read.Host, host) && read.Groups.All(group => Is(section, group.Host, host))
            ? read.Groups
            : [];

    private static void Add<T>(ImmutableArray<T>.Builder parts, IEnumerable<T>? known, Func<ImmutableArray<T>> read)
    {
        if (known is null) parts.AddRange(read());
        else parts.AddRange(known);
    }

    private bool Is(string section, string name, string expected)
    {
        if (name == expected) return true;
        Problem(section, $"holds '{name}'");
        return false;
    }

    private T? ReadRecord<T>(string section, ReadOnlyMemory<byte> bytes)
        where T : class
    {
        try
        {
            return ProxyConfigJson.Read<T>(bytes.Span);
        }
        catch (JsonException wrong)
        {
            var path = wrong.Path?.TrimStart('$').TrimStart('.');
            Problem(string.IsNullOrEmpty(path) ? section : $"{section}: {path}", FirstSentence(wrong.Message));
            return null;
        }
    }

    // The rest of the message repeats the path and byte positions in a section nobody sees.
    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    private void Problem(string path, string message) => problems.Add(new ConfigProblem(path, message));

    private ConfigReading Refused(Manifest? manifest) => new() { Manifest = manifest, Problems = [.. problems] };

    private ConfigReading Refused(Manifest? manifest, string path, string message)
    {
        Problem(path, message);
        return Refused(manifest);
    }
}
