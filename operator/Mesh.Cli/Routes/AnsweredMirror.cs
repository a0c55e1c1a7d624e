namespace Mesh.Cli.Routes;

internal sealed record AnsweredMirror(string Cluster, double Percentage);
