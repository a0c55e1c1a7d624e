namespace Mesh.Cli.Routes;

internal sealed record AnsweredDelay(string FixedDelay, double Percentage);
