namespace Mesh.Api.Validation;

/// <summary>What a set of keys is worth.</summary>
internal enum JwksVerdict
{
    /// <summary>Keys, public ones only.</summary>
    PublicKeys,

    /// <summary>Keys with their private parts.</summary>
    PrivateKeys,

    /// <summary>Something else.</summary>
    NoKeys,
}
