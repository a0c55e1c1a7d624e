namespace Mesh.Config;

/// <summary>One thing wrong with a config.</summary>
/// <param name="Path">Section and path in it: <c>routes/9080: virtualHosts[0].routes[1].timeout</c>.</param>
/// <param name="Message">What is wrong.</param>
public sealed record ConfigProblem(string Path, string Message);
