using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>
/// A credential by name; its content travels in a Secret of its own and is mounted as one file of that name. The file is PEM:
/// what stands before the private key is shown, what stands after it (or all, without a key) is trusted, and lists of
/// revocations are kept.
/// </summary>
/// <param name="Name">Name of its file.</param>
/// <param name="Sha256">SHA-256 of the file, so that a change is seen and nothing else is taken; lower-case hex. Empty while there is none.</param>
public sealed record CredentialRef(string Name, string Sha256)
{
    /// <summary>End of the name of a file that holds no certificate to be shown; no Secret's name has such an end.</summary>
    public const string TrustOnly = "_cacert";

    /// <summary>Why there is none and connections shall fail; <c>null</c> where there is one, or where the operator has not read it yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Why { get; init; }
}
