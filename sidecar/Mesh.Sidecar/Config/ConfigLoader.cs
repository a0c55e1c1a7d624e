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

    /// <summary>Takes one document in.</summary>
    public LoadOutcome Load(ReadOnlyMemory<byte> document)
    {
        lock (loading)
        {
            var inForce = state.Current?.Config;
            var reading = ConfigReader.Read(document, podUid, inForce);
            if (reading.Config is not { } config) return Refuse(reading.Manifest, reading.Problems);
            if (inForce is not null && config.Manifest.Hash == inForce.Manifest.Hash && config.Manifest.Revision <= inForce.Manifest.Revision)
            {
                state.Confirm();
                return LoadOutcome.Unchanged;
            }

            // The writer numbers every change above what it wrote and what we report, so a lower number is an old copy.
            if (inForce is not null && config.Manifest.Revision < inForce.Manifest.Revision)
                return Refuse(config.Manifest, [new("manifest: revision", $"{config.Manifest.Revision} is older than {inForce.Manifest.Revision}, which is in force")]);

            var problems = ProxyConfigValidator.Validate(config, inForce);
            if (!problems.IsEmpty) return Refuse(config.Manifest, problems);
            PutInForce(compiler.Compile(config));
            return LoadOutcome.Taken;
        }
    }

    private void PutInForce(ProxySnapshot snapshot)
    {
        state.Swap(snapshot);
        states.KeepOnly(
            snapshot.Clusters.Select(cluster => cluster.State).ToHashSet(),
            snapshot.Clusters.Where(cluster => cluster.Config.Discovery != Discovery.Dns).SelectMany(cluster => cluster.Pool.Members.Concat(cluster.Known.Values)).Select(member => member.State).ToHashSet());
        dns.KeepOnly(snapshot.Config.Clusters);
        var manifest = snapshot.Config.Manifest;
        log.LogInformation("Config revision {Revision} ({Hash}) is in force: {Sections} sections", manifest.Revision, manifest.Hash, manifest.Sections.Length);
    }

    private LoadOutcome Refuse(Manifest? manifest, ImmutableArray<ConfigProblem> problems)
    {
        state.Refuse(new RefusedConfig { Revision = manifest?.Revision ?? 0, Hash = manifest?.Hash ?? "", Problems = problems });
        log.LogError(
            "Config revision {Revision} is refused, {Kept}: {Problems}",
            manifest?.Revision ?? 0,
            state.Current is null ? "there is none yet" : "the one in force stays",
            string.Join("; ", problems.Select(problem => $"{problem.Path}: {problem.Message}")));
        return LoadOutcome.Refused;
    }
}
