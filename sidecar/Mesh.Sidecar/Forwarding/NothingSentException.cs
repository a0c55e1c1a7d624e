namespace Mesh.Sidecar.Forwarding;

/// <summary>A new connection was lost before anything of a request went over it, so the request can be sent again whatever it asks for.</summary>
internal sealed class NothingSentException(IOException inner) : IOException(inner.Message, inner);
