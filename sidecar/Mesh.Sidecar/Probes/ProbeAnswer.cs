namespace Mesh.Sidecar.Probes;

/// <summary>What a check came to, as the kubelet is told.</summary>
/// <param name="Status">HTTP status; a kubelet takes 200 to 399 as success.</param>
/// <param name="Text">For people: it stands in the pod's events.</param>
public readonly record struct ProbeAnswer(int Status, string Text)
{
    public static ProbeAnswer Good(string text) => new(StatusCodes.Status200OK, text);

    public static ProbeAnswer Bad(string text) => new(StatusCodes.Status503ServiceUnavailable, text);
}
