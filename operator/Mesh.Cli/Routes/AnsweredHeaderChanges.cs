namespace Mesh.Cli.Routes;

/// <summary>Of one direction.</summary>
internal sealed record AnsweredHeaderChanges(IReadOnlyDictionary<string, string> Set, IReadOnlyDictionary<string, string> Add, IReadOnlyList<string> Remove);
