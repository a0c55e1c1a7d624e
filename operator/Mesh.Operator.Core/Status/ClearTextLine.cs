using System.Globalization;
using Mesh.Config;

namespace Mesh.Operator.Core.Status;

/// <summary>How a caller in clear text is told of, in a status and by <c>mesh status</c>.</summary>
public static class ClearTextLine
{
    /// <summary>How long someone who called is remembered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <param name="client">As the sidecar reported it.</param>
    /// <param name="from">Its pod as NAMESPACE/NAME, else its address.</param>
    /// <param name="to">The pod called.</param>
    public static string Of(ClearTextClient client, string from, string to) => string.Create(
        CultureInfo.InvariantCulture,
        $"{from} -> {to} :{client.Port} ({client.Connections} {(client.Connections == 1 ? "connection" : "connections")}, last {client.LastSeen.UtcDateTime:HH:mm}Z)");
}
