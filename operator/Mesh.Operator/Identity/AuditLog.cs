using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Control;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Identity;

/// <summary>
/// One line for each certificate that was asked for, in a category of its own: who, on which pod and node, until when, by
/// which root, why, and what the request itself asked for (which is not what was given).
/// </summary>
public sealed class AuditLog(ILoggerFactory factory)
{
    /// <summary>The category.</summary>
    public const string Category = "mesh.audit";

    private readonly ILogger _log = factory.CreateLogger(Category);

    public void Issued(SpiffeId id, Workload pod, X509Certificate2 certificate, string issuer, string why, string asked)
    {
        _log.LogInformation(
            "Certificate issued: {Identity} pod {Pod} uid {PodUid} node {Node} serial {Serial} until {NotAfter:u} issuer {Issuer} because {Why}, asked for {Asked}",
            id.ToString(), pod.Key.ToString(), pod.Uid, pod.NodeName, certificate.SerialNumber, certificate.NotAfter.ToUniversalTime(), issuer, Short(why), asked.Length == 0 ? "nothing" : asked);
        Count("issued", why);
    }

    public void Refused(SidecarHello hello, Workload? pod, IssueVerdict verdict, string why, string asked)
    {
        _log.LogWarning(
            "Certificate refused: {Refusal} to pod {Pod} uid {PodUid} node {Node} because {Message}; it wanted one because of {Why}, asked for {Asked}",
            verdict.Refusal, Short($"{hello.Namespace}/{hello.Pod}"), Short(hello.PodUid), pod?.NodeName ?? "", verdict.Message, Short(why), asked.Length == 0 ? "nothing" : asked);
        Count(verdict.Refusal, why);
    }

    private static void Count(string result, string why) => OperatorMetrics.Certificates.Add(
        1, new KeyValuePair<string, object?>("result", result), new KeyValuePair<string, object?>("why", why is "start" or "renewal" or "root change" ? why : "other"));

    // The sidecar's words, which may be anything.
    private static string Short(string text) => string.Concat(text.Take(200).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
