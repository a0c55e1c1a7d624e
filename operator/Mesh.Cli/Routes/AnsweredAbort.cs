namespace Mesh.Cli.Routes;

internal sealed record AnsweredAbort(int? HttpStatus, int? GrpcStatus, double Percentage);
