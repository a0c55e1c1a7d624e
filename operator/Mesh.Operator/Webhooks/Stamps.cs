using System.Security.Cryptography;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Names of config records, given to pods at their creation. A pod that is sent here again within the same creation
/// (reinvocation) keeps its stamp; a stamp that came with the user's object, such as the YAML of a running pod applied under
/// another name, is replaced: two pods must not share a record.
/// </summary>
public sealed class Stamps(TimeProvider time)
{
    // No creation of a pod lasts longer: API servers give up on a request after a minute at most.
    private static readonly TimeSpan Creation = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Given> _given = [];
    private readonly Queue<(string Stamp, long At)> _order = new();

    /// <param name="pod">As it came.</param>
    /// <param name="dryRun">Nothing will be made of it: the stamp is shown and not remembered, so that no pod made of the answer keeps it.</param>
    public string For(V1Pod pod, bool dryRun = false)
    {
        var about = (pod.Metadata.NamespaceProperty ?? "", pod.Metadata.Name ?? "", pod.Metadata.GenerateName ?? "");
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Creation) _given.Remove(_order.Dequeue().Stamp);
            if (pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.Config, out var stamp)
                && _given.TryGetValue(stamp, out var given) && given.About == about)
                return stamp;
            var made = MeshNames.RecordPrefix + RandomNumberGenerator.GetHexString(16, lowercase: true);
            if (dryRun) return made;
            _given[made] = new Given(about);
            _order.Enqueue((made, time.GetTimestamp()));
            return made;
        }
    }

    private readonly record struct Given((string Namespace, string Name, string GenerateName) About);
}
