using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>
/// Takes documents in, whole or not at all: bytes are read, validated, compiled, put in force. A document with problems
/// changes nothing but the report; the last good config stays.
/// </summary>
public sealed class ConfigLoader(ProxyState state, SnapshotCompiler compiler, LiveStates states, DnsPools dns, string podUid, ILogger<ConfigLoader> log)
{
    private readonly Lock loading = new();
    private ConfigSource inForceCame;

    /// <summary>Raised with each document that was put in force, in order.</summary>
    public event Action<Manifest, ReadOnlyMemory<byte>>? Taken;

    /// <summary>A session is up: the operator says itself what is new, and the mount can only be behind.</summary>
    public bool PushesHavePrecedence => state.Report.Session is { Connected: true };

    /// <summary>Takes one document in.</summary>
    public LoadOutcome Load(ReadOnlyMemory<byte> document, ConfigSource source = ConfigSource.File)
    {
        lock (loading)
        {
            var inForce = state.Current?.Config;
            var reading = ConfigReader.Read(document, podUid, inForce, partial: source == ConfigSource.Push);
            if (source == ConfigSource.File && reading.Manifest is { } head && inForce is not null && IsOvertaken(head, inForce.Manifest) is { } outcome) return outcome;
            if (reading.Config is not { } config) return Refuse(reading.Manifest, reading.Problems, source);
            if (inForce is not null && config.Manifest.Hash == inForce.Manifest.Hash && config.Manifest.Revision <= inForce.Manifest.Revision)
            {
                state.Confirm();
                return LoadOutcome.Unchanged;
            }

            // The writer numbers every change above what it wrote and what we report, so a lower number is an old copy.
            if (inForce is not null && config.Manifest.Revision < inForce.Manifest.Revision)
                return Refuse(config.Manifest, [new("manifest: revision", $"{config.Manifest.Revision} is older than {inForce.Manifest.Revision}, which is in force")], source);

            var problems = ProxyConfigValidator.Validate(config, inForce);
            if (!problems.IsEmpty) return Refuse(config.Manifest, problems, source);
            PutInForce(compiler.Compile(config));
            inForceCame = source;
            Taken?.Invoke(config.Manifest, document);
            return LoadOutcome.Taken;
        }
    }

    // The record of endpoints is written lazily, so a mount that is behind a push is the rule and no mistake.
    private LoadOutcome? IsOvertaken(Manifest file, Manifest inForce)
    {
        if (inForceCame == ConfigSource.File) return null;
        if (file.Revision <= inForce.Revision) return LoadOutcome.Unchanged;
        return PushesHavePrecedence ? LoadOutcome.HeldBack : null;
    }

    private void PutInForce(ProxySnapshot snapshot)
    {
        states.Obey(snapshot);
        state.Swap(snapshot);
        states.KeepOnly(
            snapshot.Clusters.Select(cluster => cluster.State).ToHashSet(),
            snapshot.Clusters.Where(cluster => !DnsPools.IsResolved(cluster.Config)).SelectMany(cluster => cluster.Pool.Members.Concat(cluster.Known.Values)).Select(member => member.State).ToHashSet());
        dns.KeepOnly(snapshot.Config);
        var manifest = snapshot.Config.Manifest;
        log.LogInformation("Config revision {Revision} ({Hash}) is in force: {Sections} sections", manifest.Revision, manifest.Hash, manifest.Sections.Length);
    }

    private LoadOutcome Refuse(Manifest? manifest, ImmutableArray<ConfigProblem> problems, ConfigSource source)
    {
        var what = string.Join("; ", problems.Select(problem => $"{problem.Path}: {problem.Message}"));
        if (source == ConfigSource.Kept)
        {
            // Nobody is waiting for an answer to it: mount or operator will bring another.
            log.LogWarning("The config that was kept from before is not taken: {Problems}", what);
            return LoadOutcome.Refused;
        }

        state.Refuse(new RefusedConfig { Revision = manifest?.Revision ?? 0, Hash = manifest?.Hash ?? "", Problems = problems });
        log.LogError(
            "Config revision {Revision} is refused, {Kept}: {Problems}",
            manifest?.Revision ?? 0, state.Current is null ? "there is none yet" : "the one in force stays", what);
        return LoadOutcome.Refused;
    }
}
