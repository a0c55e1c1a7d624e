using System.Net.Sockets;
using System.Text;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>Requests byte for byte through a sidecar.</summary>
internal static class WireSidecar
{
    /// <summary>Sends this text over a connection of its own and returns all that comes back until it is closed, or ends so.</summary>
    public static async Task<string> SendRawAsync(this TestSidecar sidecar, string request, CancellationToken cancellation, string? endAfter = null)
    {
        using var client = await sidecar.ConnectOutboundAsync();
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), cancellation);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        var answer = new StringBuilder();
        try
        {
            var buffer = new char[4096];
            int count;
            while ((count = await reader.ReadAsync(buffer, cancellation)) > 0)
            {
                answer.Append(buffer, 0, count);
                if (endAfter is not null && answer.ToString().EndsWith(endAfter, StringComparison.Ordinal)) break;
            }
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // What came before the reset counts.
        }

        return answer.ToString();
    }
}
