namespace Mesh.Api.Networking;

/// <summary>Header changes of requests and responses.</summary>
public sealed record Headers
{
    /// <summary>In requests, before forwarding.</summary>
    public HeaderOperations? Request { get; init; }

    /// <summary>In responses, before they go back.</summary>
    public HeaderOperations? Response { get; init; }
}
