using System.Net;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>
/// A port that nobody holds, for programs that must be told one. It lies below those that the kernel gives to outgoing
/// connections, so that none of them takes it before its user does.
/// </summary>
public static class FreePort
{
    private const int First = 20000;
    private const int Count = 12000;

    // Test programs side by side begin at different places; within one no port is given twice.
    private static int next = Environment.ProcessId * 97 % Count;

    public static int Find()
    {
        for (var i = 0; i < Count; i++)
        {
            var port = First + (Interlocked.Increment(ref next) & int.MaxValue) % Count;
            if (IsFree(port)) return port;
        }

        throw new InvalidOperationException($"Every port from {First} to {First + Count - 1} is taken.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
