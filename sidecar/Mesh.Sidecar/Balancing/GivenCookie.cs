namespace Mesh.Sidecar.Balancing;

/// <summary>A cookie made for a client that had none, so that it is known again.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value.</param>
/// <param name="Line">The <c>Set-Cookie</c> line that gives it.</param>
public sealed record GivenCookie(string Name, string Value, string Line);
