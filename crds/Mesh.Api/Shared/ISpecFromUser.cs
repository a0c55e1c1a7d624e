namespace Mesh.Api;

/// <summary>A spec that reads without failing whatever was stored.</summary>
public interface ISpecFromUser
{
    /// <summary>Why the stored spec could not be read (all other members are then empty); <c>null</c> normally.</summary>
    string? Unreadable { get; init; }
}
