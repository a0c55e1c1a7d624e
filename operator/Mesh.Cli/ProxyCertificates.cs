using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Cli;

/// <summary>What each proxy's report says of its certificate, and whether somebody should look at it. Decides only.</summary>
internal static class ProxyCertificates
{
    public static ImmutableArray<ProxyCertificate> Of(ProxyReadings readings, DateTimeOffset now) => [.. readings.Proxies.Select(reading => Of(reading, now))];

    public static ProxyCertificate Of(ProxyReading reading, DateTimeOffset now)
    {
        var identity = reading.Report?.Identity;
        var (trouble, remedy) = Trouble(reading, identity, now);
        var row = new ProxyCertificate { Namespace = reading.Pod.Metadata.NamespaceProperty, Pod = reading.Pod.Metadata.Name, Trouble = trouble, Remedy = remedy };
        if (identity is null) return row;
        row = row with { TrustedRoots = identity.TrustedRoots };
        if (identity.SpiffeId.Length == 0) return row;
        return row with
        {
            Identity = identity.SpiffeId,
            Issuer = identity.Issuer,
            Serial = identity.Serial,
            NotBefore = identity.NotBefore,
            NotAfter = identity.NotAfter,
            RenewAt = identity.RenewAt,
        };
    }

    private static (string Trouble, string Remedy) Trouble(ProxyReading reading, IdentityReport? identity, DateTimeOffset now)
    {
        var pod = reading.Pod.Metadata;
        var logs = $"Look at mesh logs {pod.Name} -n {pod.NamespaceProperty} -c mesh-proxy, and at the operator's log";
        if (reading.Silence is { } silence) return (silence, $"{logs}; kubectl describe pod {pod.Name} -n {pod.NamespaceProperty} says what the pod waits for.");
        var injected = pod.Labels?.TryGetValue(MeshLabels.TlsMode, out var mode) == true && mode == MeshLabels.TlsModeMutual;
        if (!injected) return ("injected before there were identities", $"Make the pod anew, e.g. kubectl rollout restart -n {pod.NamespaceProperty} deployment.");
        if (identity is null || identity.SpiffeId.Length == 0)
            return (identity is { Failure.Length: > 0 } ? $"no certificate: {identity.Failure}" : "no certificate yet", $"{logs}.");
        if (now >= identity.NotAfter) return ($"expired {ShortTime.Of(now - identity.NotAfter)} ago{Because(identity)}", $"{logs}; nothing speaks mutual TLS to this pod until it has a new one.");
        if (identity.FailingSince is { } since)
            return ($"renewal fails since {ShortTime.Of(now - since)}{Because(identity)}", $"{logs}; the certificate it has holds for {ShortTime.Of(identity.NotAfter - now)} more.");
        // Renewed at half of life; halfway from there to the end something is wrong even if nobody says so.
        if (now > identity.RenewAt + ((identity.NotAfter - identity.RenewAt) / 2))
            return ($"near its end: {ShortTime.Of(identity.NotAfter - now)} left, to be renewed {ShortTime.Of(now - identity.RenewAt)} ago{Because(identity)}", $"{logs}.");
        return identity.TrustedRoots.Length > 0 && !identity.TrustedRoots.Contains(identity.Issuer)
            ? ("signed by a root it does not trust itself", $"Make the pod anew: kubectl delete pod {pod.Name} -n {pod.NamespaceProperty}.")
            : ("", "");
    }

    private static string Because(IdentityReport identity) => identity.Failure.Length > 0 ? $": {identity.Failure}" : "";
}
