using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Bookinfo;

/// <summary>Answers each line with a word in front of it, on one or several ports, as the image istio/tcp-echo-server: <c>9000,9001 one</c>.</summary>
public static class TcpEchoService
{
    /// <summary>Runs until it is told to stop.</summary>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken stop)
    {
        if (arguments is not [var list, var word] || list.Split(',').Any(port => !ushort.TryParse(port, out _)))
        {
            await Console.Error.WriteLineAsync("usage: tcp-echo PORT[,PORT…] WORD");
            return 2;
        }

        await Task.WhenAll(list.Split(',').Select(port => ListenAsync(ushort.Parse(port, System.Globalization.CultureInfo.InvariantCulture), word, stop)));
        return 0;
    }

    private static async Task ListenAsync(int port, string word, CancellationToken stop)
    {
        using var listener = Socket.OSSupportsIPv6 ? new TcpListener(IPAddress.IPv6Any, port) : new TcpListener(IPAddress.Any, port);
        if (Socket.OSSupportsIPv6) listener.Server.DualMode = true;
        listener.Start();
        Console.WriteLine($"listening on {listener.LocalEndpoint}, prefix: {word}");
        try
        {
            while (true) _ = AnswerAsync(await listener.AcceptTcpClientAsync(stop), word, stop);
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private static async Task AnswerAsync(TcpClient client, string word, CancellationToken stop)
    {
        using (client)
        {
            try
            {
                using var lines = new StreamReader(client.GetStream(), Encoding.Latin1);
                while (await lines.ReadLineAsync(stop) is { } line)
                {
                    Console.WriteLine($"request: {line}");
                    await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"{word} {line}\n"), stop);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client went, or it is told to stop.
            }
        }
    }
}
