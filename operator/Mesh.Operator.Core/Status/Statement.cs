namespace Mesh.Operator.Core.Status;

/// <summary>A condition before it has a time: whether it holds, why, and in words.</summary>
internal readonly record struct Statement(bool Holds, string Reason, string Message)
{
    /// <summary>It cannot be said yet whether it holds.</summary>
    public bool IsUnknown { get; init; }
}
