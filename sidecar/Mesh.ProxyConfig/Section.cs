using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mesh.Config.Formats;

namespace Mesh.Config;

/// <summary>
/// One named part of a config, serialised and hashed once. Sections are shared between all pods that are told the same,
/// so building the config of one more pod costs references, not bytes.
/// </summary>
public sealed class Section
{
    private readonly Type type;

    private Section(string name, byte[] json, Type type)
    {
        this.type = type;
        Name = name;
        Json = json;
        Hash = HashOf(json);
        Format = Math.Max(SectionNames.SinceOf(name)?.Format ?? 1, FormatRules.Contract.FormatOf(json, type));
    }

    /// <summary>The prefix before the first slash names the kind (see <see cref="SectionNames"/>).</summary>
    public string Name { get; }

    /// <summary>Content hash, as in <see cref="SectionRef.Hash"/>.</summary>
    public string Hash { get; }

    /// <summary>The serialised content (UTF-8 JSON).</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The oldest format that has all that is in it: a sidecar that reads this one reads the section.</summary>
    public int Format { get; }

    /// <summary>Name and hash, as they stand in the manifest.</summary>
    public SectionRef Ref => new(Name, Hash);

    /// <summary>Section <c>workload</c>.</summary>
    public static Section Of(WorkloadConfig workload) => Create(SectionNames.Workload, workload, ProxyConfigJson.Default.WorkloadConfig);

    /// <summary>Section <c>mesh</c>.</summary>
    public static Section Of(MeshSettings mesh) => Create(SectionNames.Mesh, mesh, ProxyConfigJson.Default.MeshSettings);

    /// <summary>Section <c>inbound</c>.</summary>
    public static Section Of(InboundConfig inbound) => Create(SectionNames.Inbound, inbound, ProxyConfigJson.Default.InboundConfig);

    /// <summary>Section <c>outbound</c>.</summary>
    public static Section Of(OutboundConfig outbound) => Create(SectionNames.Outbound, outbound, ProxyConfigJson.Default.OutboundConfig);

    /// <summary>Section <c>routes/NAME</c>.</summary>
    public static Section Of(RouteTable routes) => Create(SectionNames.Routes + routes.Name, routes, ProxyConfigJson.Default.RouteTable);

    /// <summary>Section <c>clusters/HOST</c>: every cluster of one host.</summary>
    public static Section Of(ClusterSet clusters) => Create(SectionNames.Clusters + clusters.Host, clusters, ProxyConfigJson.Default.ClusterSet);

    /// <summary>Section <c>endpoints/HOST</c>: every endpoint group of one host.</summary>
    public static Section Of(EndpointSet endpoints) => Create(SectionNames.Endpoints + endpoints.Host, endpoints, ProxyConfigJson.Default.EndpointSet);

    /// <summary>The hash of a section with these bytes.</summary>
    public static string HashOf(ReadOnlySpan<byte> json)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, digest);
        return Convert.ToHexStringLower(digest[..16]);
    }

    /// <summary>The section for a sidecar that reads no newer format than this one; itself where that loses nothing.</summary>
    public SectionRendering RenderFor(int format)
    {
        if (Format <= format) return new SectionRendering(this, []);
        if (SectionNames.SinceOf(Name) is { } since && since.Format > format) return new SectionRendering(null, [new FormatLoss(Name, "", "", since.Format, false)]);
        var (json, losses) = FormatRules.Contract.Render(Json.Span, type, Name, format);
        return new SectionRendering(new Section(Name, json, type), [.. losses]);
    }

    private static Section Create<T>(string name, T value, JsonTypeInfo<T> type) =>
        new(name, JsonSerializer.SerializeToUtf8Bytes(value, type), typeof(T));
}
