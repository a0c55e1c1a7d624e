using System.Net;

namespace Mesh.Sidecar.Connections;

/// <summary>A Kestrel endpoint without a port: its connections are handed over by <see cref="Lanes"/>.</summary>
public sealed class LaneEndPoint(string name) : EndPoint
{
    /// <summary>HTTP/1.x in clear text.</summary>
    public static readonly LaneEndPoint Http1 = new("h1");

    /// <summary>HTTP/2 in clear text with prior knowledge.</summary>
    public static readonly LaneEndPoint Http2 = new("h2c");

    public override string ToString() => $"lane:{name}";
}
