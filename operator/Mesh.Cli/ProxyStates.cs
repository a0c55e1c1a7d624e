using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Status;

namespace Mesh.Cli;

/// <summary>Compares each pod's record with what its proxy reports. Decides only.</summary>
internal static class ProxyStates
{
    public static ImmutableArray<ProxyState> Of(ProxyReadings readings, DateTimeOffset now) =>
        [.. readings.Proxies.Select(reading => Compare(reading) with { ClearTextClients = ClearText(reading, readings.PodsByAddress, now) })];

    public static ProxyState Compare(ProxyReading reading)
    {
        var (pod, record, report) = (reading.Pod, reading.Record, reading.Report);
        var (wanted, hash) = (record?.Revision ?? 0, record?.Hash);
        // Pushes come first and records after: who listens to the operator and is ahead of its record is not behind.
        // A pod whose sidecar came by a file has no record at all.
        var recorded = record is not null || pod.Metadata.Annotations?.ContainsKey(MeshLabels.Config) == true || !InjectionPolicy.HasSidecar(pod.Spec);
        var same = report is { Hash.Length: > 0 } && (report.Hash == hash || ((record is not null || !recorded) && report.Session is { Connected: true } && report.Revision > wanted && report.Refused is null));
        if (!recorded) wanted = report?.Revision ?? 0;
        var why = recorded && record is null ? "the operator has written no config yet"
            : reading.Silence is not null ? reading.Silence
            : report!.Refused is { } refused && !same ? $"revision {refused.Revision} was refused: {string.Join("; ", refused.Problems.Select(p => $"{p.Path}: {p.Message}"))}"
            : same ? ""
            : report.Revision == 0 ? "has no config yet"
            : report.Revision > wanted ? "holds a newer revision than the record"
            : "has not loaded the newest revision yet";
        var inbound = record?.Inbound;
        return new ProxyState
        {
            Namespace = pod.Metadata.NamespaceProperty,
            Pod = pod.Metadata.Name,
            Wanted = wanted,
            Held = report?.Revision,
            InSync = same,
            Why = why,
            Version = report?.Version ?? "",
            Session = report?.Session,
            LeftOut = LeftOut(report),
            MutualTls = inbound is null ? "" : Word(inbound.MutualTls),
            MutualTlsByPort = [.. (inbound?.MutualTlsByPort ?? []).Select(port => $"{port.Port} {Word(port.Mode)}")],
        };
    }

    // outbound|9080|v2|reviews.default.svc.cluster.local 10.0.0.7:9080 (reviews-v2) ejected until 11:57:30Z: failed 5 times in a row
    private static ImmutableArray<string> LeftOut(ProxyReport? report) =>
    [
        .. (report?.Members ?? []).Select(member =>
        {
            var pod = member.Pod.Length == 0 ? "" : $" ({member.Pod})";
            var until = member.Until is { } time ? string.Create(CultureInfo.InvariantCulture, $" until {time.UtcDateTime:HH:mm:ss}Z") : "";
            var condition = member.Condition == MemberCondition.Ejected ? "ejected" : "unhealthy";
            return $"{member.Cluster} {member.Address}{pod} {condition}{until}: {member.Reason}";
        }),
    ];

    private static ImmutableArray<string> ClearText(ProxyReading reading, ImmutableDictionary<string, string> pods, DateTimeOffset now) =>
    [
        .. (reading.Report?.ClearTextClients ?? []).Where(client => client.LastSeen + ClearTextLine.Memory > now)
            .OrderByDescending(client => client.LastSeen).ThenBy(client => client.Address, StringComparer.Ordinal)
            .Select(client => ClearTextLine.Of(client, pods.GetValueOrDefault(client.Address) ?? client.Address, $"{reading.Pod.Metadata.NamespaceProperty}/{reading.Pod.Metadata.Name}")),
    ];

    private static string Word(MutualTlsMode mode) => mode.ToString().ToLowerInvariant();
}
