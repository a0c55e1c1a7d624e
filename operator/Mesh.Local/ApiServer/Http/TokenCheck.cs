using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What became of a token: its user and the audiences it is good for, or the problem.</summary>
internal sealed record TokenCheck(ApiUser? User, ImmutableArray<string> Audiences, string? Problem)
{
    public static TokenCheck Bad(string problem) => new(null, [], problem);
}
