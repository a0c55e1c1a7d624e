using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>Asks a member to carry a connection on to the tunnel's end.</summary>
internal static class TunnelRequest
{
    private const int LongestHead = 16 * 1024;

    /// <summary>
    /// Sends the request over a connection that was just opened, which it owns from here on, and reads the answer's head. Being
    /// refused is a <see cref="ConnectFailedException"/>.
    /// </summary>
    /// <returns>The side that carries what the tunnel carries.</returns>
    public static async ValueTask<SpliceSide> OpenAsync(SpliceSide side, Tunnel tunnel, EndPoint via, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var end = tunnel.Host.Contains(':') ? $"[{tunnel.Host}]:{tunnel.Port}" : $"{tunnel.Host}:{tunnel.Port}";
        using var deadline = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await side.WriteAsync(Encoding.ASCII.GetBytes(Text(tunnel, end)), either.Token);
            var (status, head) = await AnswerAsync(side, either.Token);
            if (status is < 200 or > 299) throw new ConnectFailedException(via, $"tunnel to {end} refused: {(status == 0 ? "no HTTP response" : FirstLine(head))}", null);
            return tunnel.UsesPost ? new ChunkedSide(side, head) : side;
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            side.Dispose();
            throw new ConnectFailedException(via, $"tunnel to {end}: no answer in time", e);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            side.Dispose();
            throw e as ConnectFailedException ?? new ConnectFailedException(via, $"tunnel to {end}: the connection was cut before the answer", e);
        }
    }

    private static string Text(Tunnel tunnel, string end) => tunnel.UsesPost
        ? $"POST / HTTP/1.1\r\nHost: {end}\r\nTransfer-Encoding: chunked\r\n\r\n"
        : $"CONNECT {end} HTTP/1.1\r\nHost: {end}\r\n\r\n";

    // Informational answers come before the one that counts.
    private static async ValueTask<(int Status, string Head)> AnswerAsync(SpliceSide side, CancellationToken cancellation)
    {
        while (true)
        {
            var head = await HeadAsync(side, cancellation);
            var status = StatusOf(head);
            if (status is not (>= 100 and <= 199)) return (status, head);
        }
    }

    // Byte by byte: what follows the head belongs to whoever reads next, and it is read once a connection.
    private static async ValueTask<string> HeadAsync(SpliceSide side, CancellationToken cancellation)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < LongestHead)
        {
            if (await side.ReadAsync(one, cancellation) == 0) throw new IOException("closed before the end of the head");
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.Length >= 4 && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r') return head.ToString();
        }

        return "";
    }

    private static int StatusOf(string head) =>
        head.StartsWith("HTTP/1.", StringComparison.Ordinal) && head.Length > 12 && int.TryParse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;

    private static string FirstLine(string head) => head[..head.IndexOf('\r')];
}
