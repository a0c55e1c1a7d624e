namespace Mesh.Operator.Runtime;

/// <summary>
/// Says that a kind's definition was changed. What the API server shows of unchanged objects may be other than it was (a field
/// that the old definition did not know, a default), of which no watch tells.
/// </summary>
public sealed class DefinitionChanges
{
    /// <summary>Raised with the definition's name, for example <c>virtualservices.networking.istio.io</c>.</summary>
    public event Action<string>? Changed;

    public void Tell(string definition) => Changed?.Invoke(definition);
}
