using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What became of a token: its user and the audiences it is good for, or the problem.</summary>
internal sealed record TokenCheck(ApiUser? User, ImmutableArray<string> Audiences, string? Problem)
{
    private const string Invalid = "invalid bearer token";

    /// <summary>Kubernetes tells the problem of a token that looks like its own; of any other only that it is none.</summary>
    public static TokenCheck Bad(string? problem) => new(null, [], problem is null ? Invalid : $"[{Invalid}, {problem}]");
}
