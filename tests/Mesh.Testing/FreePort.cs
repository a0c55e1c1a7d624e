using System.Net;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>A port of the loopback that nobody holds, for programs that must be told one.</summary>
public static class FreePort
{
    /// <summary>Another may take it before its user does; the kernel goes round all ports before it gives one again.</summary>
    public static int Find()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
