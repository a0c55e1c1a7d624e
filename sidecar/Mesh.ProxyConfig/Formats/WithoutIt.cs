namespace Mesh.Config.Formats;

/// <summary>What a sidecar is told that is too old for a member.</summary>
public enum WithoutIt
{
    /// <summary>The same without it: something is not done, and nothing is let through that should not be.</summary>
    GoesOn,

    /// <summary>
    /// To refuse what the nearest route or port around it would have let through: for members without which more would be
    /// allowed than was asked for.
    /// </summary>
    Refuses,
}
