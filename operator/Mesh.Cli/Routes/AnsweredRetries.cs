namespace Mesh.Cli.Routes;

/// <summary>Further tries.</summary>
internal sealed record AnsweredRetries(int Attempts, string? PerTryTimeout, string RetryOn);
