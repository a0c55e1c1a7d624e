namespace Mesh.Config.Formats;

// Formats of the contract. What enters is a section as this build writes it and the number of a format; what leaves is the
// section as a sidecar reads it that knows no newer one, and what it could not be told. A member that came later carries
// [Since], which is all that a feature has to do for older sidecars. What never happens here: a guess about what a sidecar
// reads (it says so), or a member left out without a word.

/// <summary>
/// The format in which a member, a word of an enum or a kind of section came; without it, it has been there from the first on.
/// Such a member may be left out (null is its default), so that a config that does not use it is one of the format before.
/// </summary>
/// <param name="format">The first format that has it.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SinceAttribute(int format) : Attribute
{
    /// <summary>The first format that has it.</summary>
    public int Format => format;

    /// <summary>What a sidecar does that is too old for it. Default: it goes on without.</summary>
    public WithoutIt WithoutIt { get; init; } = WithoutIt.GoesOn;
}
