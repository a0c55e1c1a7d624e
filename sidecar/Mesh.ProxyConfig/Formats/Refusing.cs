using System.Text.Json.Nodes;

namespace Mesh.Config.Formats;

/// <summary>How a route or a port that an older sidecar cannot be told whole is made to let nothing through, in words of the first format.</summary>
internal static class Refusing
{
    /// <summary>An abstract socket that nobody listens on.</summary>
    public const string Nowhere = "unix://@mesh-refused";

    private const int Status = 500;

    private static readonly string[] Actions = ["destinations", "redirect", "directResponse", "splitBy", "mirrors", "fault", "rewrite", "retry"];

    /// <summary>The route answers for itself.</summary>
    public static void Break(JsonObject route, string why)
    {
        foreach (var action in Actions) route.Remove(action);
        route["broken"] = new JsonObject { ["status"] = Status, ["message"] = why };
    }

    /// <summary>Nothing reaches the application at the port.</summary>
    public static void Close(JsonObject port, string why)
    {
        _ = why; // A port has no words for it; the rule's status does.
        port["endpoint"] = Nowhere;
    }
}
