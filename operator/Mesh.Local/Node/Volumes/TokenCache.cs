using System.Collections.Concurrent;
using k8s.Models;

namespace Mesh.Local.Node.Volumes;

/// <summary>Pods' tokens, asked for anew when four fifths of their time are over: volumes are looked at far more often than that.</summary>
internal sealed class TokenCache(Func<V1Pod, string?, long, CancellationToken, Task<string>> ask, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Pod, string? Audience, long Seconds), (string Token, DateTimeOffset Until)> _known = new();

    public async Task<string> GetAsync(V1Pod pod, string? audience, long seconds, CancellationToken cancellation)
    {
        var key = (pod.Metadata.Uid, audience, seconds);
        var now = time.GetUtcNow();
        if (_known.TryGetValue(key, out var known) && known.Until > now) return known.Token;
        foreach (var (old, (_, until)) in _known)
        {
            // Also those of pods that are gone; nobody asks for them again.
            if (until <= now) _known.TryRemove(old, out _);
        }

        var token = await ask(pod, audience, seconds, cancellation);
        _known[key] = (token, now + TimeSpan.FromSeconds(seconds * 0.8));
        return token;
    }
}
