using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Mesh.Config;

/// <summary>Where an application takes connections: an address with a port, or a socket of its machine.</summary>
/// <param name="Address">The address; <c>null</c> for a socket.</param>
/// <param name="Socket">Path of the socket, an abstract one with <c>@</c> in front; <c>null</c> for an address.</param>
public sealed record ApplicationEndpoint(IPEndPoint? Address, string? Socket)
{
    /// <summary>Reads <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>unix:///run/app.sock</c>, <c>unix://@app</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ApplicationEndpoint? endpoint)
    {
        endpoint = null;
        if (UnixAddress.Is(text))
        {
            if (UnixAddress.Problem(text) is null) endpoint = new ApplicationEndpoint(null, UnixAddress.PathOf(text));
        }
        else if (IPEndPoint.TryParse(text, out var address) && address.Port != 0)
        {
            endpoint = new ApplicationEndpoint(address, null); // without a port it reads 0
        }

        return endpoint is not null;
    }
}
