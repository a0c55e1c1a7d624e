using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mesh.Benchmarks.Convergence;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Identity;

namespace Mesh.Benchmarks.Scale;

/// <summary>
/// One that acknowledges: identity, connection and frames are the product's own; of a config it checks the hashes and keeps
/// only these, so that five thousand with a config of a thousand services each fit into one process.
/// </summary>
internal sealed class AcknowledgingSidecar(PodIdentity pod, TrustBundle trust, string tokenFile, TimeProvider time, Random random)
    : CrowdMember<ReadOnlyMemory<byte>>(pod, trust, tokenFile, time, random)
{
    // All hold nearly the same sections.
    private static readonly ConcurrentDictionary<SectionRef, SectionRef> Known = [];

    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<byte>? _unacknowledged;
    private ProxyReport _report = new() { Sequence = 1, Instance = pod.Uid, PodUid = pod.Uid, Version = pod.Version };

    public override bool IsReady => _first.Task.IsCompleted;

    /// <summary>Done with the first config that was acknowledged.</summary>
    public Task First => _first.Task;

    public override async Task ServeAsync(ControlStream stream, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopping.Token);
        try
        {
            await stream.WriteAsync(new ControlMessage { SidecarHello = Pod.Hello(0, null) }, either.Token);
            if ((await stream.ReadAsync(either.Token))?.Message.OperatorHello is null) return;
            await ReportAsync(stream, either.Token);
            while (await stream.ReadAsync(either.Token) is { } frame)
            {
                if (frame.Message.Push is null) return;
                Take(frame.Attachment);
                await ReportAsync(stream, either.Token);
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException)
        {
            // The operator calls again, unless the pod is gone.
        }
    }

    public override string ToString() => $"{Pod.Namespace}/{Pod.Name}: certificate {(Identity.Current is null ? $"none ({Keeper.Failure})" : "yes")}, config {_report.Revision}";

    protected override Task RunAsync() => Keeper.RunAsync(Link.ObtainAsync, Stopping.Token);

    // A session that is replaced in between leaves the acknowledgement to the next one's first report.
    private async Task ReportAsync(ControlStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(new ControlMessage { Report = _report }, cancellationToken);
        if (_unacknowledged is not { } document) return;
        _unacknowledged = null;
        Tell(document);
        _first.TrySetResult();
    }

    private void Take(ReadOnlyMemory<byte> document)
    {
        using var json = JsonDocument.Parse(document);
        var manifest = ProxyConfigJson.Read<Manifest>(JsonMarshal.GetRawUtf8Value(json.RootElement.GetProperty("manifest")));
        var given = json.RootElement.GetProperty("sections").EnumerateObject().ToFrozenDictionary(section => section.Name, section => Section.HashOf(JsonMarshal.GetRawUtf8Value(section.Value)));
        var held = _report.Sections.ToHashSet();
        foreach (var section in manifest.Sections)
            if (!held.Contains(section) && given.GetValueOrDefault(section.Name) != section.Hash) throw new InvalidOperationException($"{Pod.Name}: section {section.Name} is neither held nor pushed with the hash that the manifest names");
        if (ConfigDocument.HashOf(manifest.Sections) != manifest.Hash) throw new InvalidOperationException($"{Pod.Name}: the manifest's hash is not that of its sections");
        _report = _report with { Sequence = _report.Sequence + 1, Revision = manifest.Revision, Hash = manifest.Hash, Sections = [.. manifest.Sections.Select(section => Known.GetOrAdd(section, section))] };
        _unacknowledged = document;
    }
}
