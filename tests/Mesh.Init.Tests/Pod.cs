using System.Net;
using System.Net.Sockets;
using Mesh.Testing;

namespace Mesh.Init.Tests;

/// <summary>A namespace like a pod's, and a neighbour on the other end of its only link.</summary>
internal sealed class Pod : IDisposable
{
    public const string Address4 = "10.77.0.2";
    public const string Address6 = "fd77::2";
    public const string Neighbour4 = "10.77.0.1";
    public const string Neighbour6 = "fd77::1";

    public Pod()
    {
        NetworkNamespace.Connect(Namespace, [$"{Address4}/24", $"{Address6}/64"], Neighbour, [$"{Neighbour4}/24", $"{Neighbour6}/64"]);
        Namespace.Must("ip", "route", "add", "default", "via", Neighbour4);
        Namespace.Must("ip", "-6", "route", "add", "default", "via", Neighbour6);
    }

    public NetworkNamespace Namespace { get; } = NetworkNamespace.Create("pod");

    public NetworkNamespace Neighbour { get; } = NetworkNamespace.Create("neighbour");

    /// <summary>Runs the init program as a pod's container would.</summary>
    public CommandResult Init(params string[] arguments) =>
        Namespace.Run(Path.Combine(AppContext.BaseDirectory, "Mesh.Init"), arguments);

    /// <summary>A listener in one of the namespaces that answers each connection with its original destination.</summary>
    public static Socket Listen(NetworkNamespace where, IPAddress address, int port) => where.Inside(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(16);
        return socket;
    });

    /// <summary>Connects from a namespace; null where nobody answers in time or the connection is refused.</summary>
    public static async Task<Socket?> Connect(NetworkNamespace where, string address, int port)
    {
        var target = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = where.Inside(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await socket.ConnectAsync(target, deadline.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    public void Dispose()
    {
        Namespace.Dispose();
        Neighbour.Dispose();
    }
}
