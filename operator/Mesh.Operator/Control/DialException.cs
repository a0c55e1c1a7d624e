namespace Mesh.Operator.Control;

/// <summary>A connection to a sidecar that did not come about.</summary>
internal sealed class DialException(DialFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public DialFailure Failure { get; } = failure;
}
