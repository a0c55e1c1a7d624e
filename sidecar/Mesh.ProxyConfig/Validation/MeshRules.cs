namespace Mesh.Config;

/// <summary>Rules of <see cref="MeshSettings"/>.</summary>
internal static class MeshRules
{
    public static void Check(MeshSettings mesh, ProblemList problems)
    {
        var at = new ConfigPath(SectionNames.Mesh);
        if (mesh.ProtocolDetectionTimeout < TimeSpan.Zero) problems.Add(at, "protocolDetectionTimeout", "is below zero");
        if (mesh.DrainDuration < TimeSpan.Zero) problems.Add(at, "drainDuration", "is below zero");
        if (LogFormat.Problem(mesh.AccessLogFormat, mesh.AccessLogJson) is { } wrong) problems.Add(at, "accessLogFormat", wrong);
        if (mesh.InboundRetry is { } retry) RouteRules.Check(at.Down("inboundRetry"), retry, problems);
        problems.CheckDefined(at, "pathNormalization", mesh.PathNormalization);
    }
}
