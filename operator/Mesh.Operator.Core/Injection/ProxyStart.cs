using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// How a sidecar is started, as one source says it: the mesh's settings, a ProxyConfig, a pod's annotation. Sources are laid
/// over each other, variables one by one. What is said here is read when a pod is made.
/// </summary>
public sealed record ProxyStart
{
    public static readonly ProxyStart None = new();

    /// <summary>Threads that work at once; <c>null</c> and 0: as many as the CPU limit allows.</summary>
    public int? Concurrency { get; init; }

    /// <summary>How long a sidecar that ends waits for what is under way; <c>null</c>: as the mesh says at that time.</summary>
    public TimeSpan? TerminationDrain { get; init; }

    /// <summary>Of its environment.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether DNS is captured; <c>null</c>: as the mesh says.</summary>
    [JsonIgnore]
    public bool? DnsCapture => Variables.TryGetValue(ProxyVariables.DnsCapture, out var text) ? text == "true" : null;

    /// <summary>This, and from <paramref name="below"/> what it does not say.</summary>
    public ProxyStart Over(ProxyStart below) => new()
    {
        Concurrency = Concurrency ?? below.Concurrency,
        TerminationDrain = TerminationDrain ?? below.TerminationDrain,
        Variables = below.Variables.SetItems(Variables),
    };

    public bool Equals(ProxyStart? other) =>
        other is not null && Concurrency == other.Concurrency && TerminationDrain == other.TerminationDrain && Variables.SequenceEqual(other.Variables);

    public override int GetHashCode() => HashCode.Combine(Concurrency, TerminationDrain, Variables.Count);

    /// <summary>The same for the container; a variable that it has already is overridden.</summary>
    internal IEnumerable<V1EnvVar> Environment(IEnumerable<V1EnvVar> own)
    {
        // The runtime takes this for the number of its processors: threads of the pool, heaps, sockets' engines.
        var added = Concurrency is > 0 ? Variables.SetItem("DOTNET_PROCESSOR_COUNT", Concurrency.Value.ToString(CultureInfo.InvariantCulture)) : Variables;
        if (TerminationDrain is { } drain) added = added.SetItem("MESH_TERMINATION_DRAIN_DURATION", Seconds(drain));
        // Durations may be written as 1m30s; the sidecar reads seconds.
        if (added.TryGetValue(ProxyVariables.MinimumDrain, out var text) && Duration.Parse(text).Value is { } least) added = added.SetItem(ProxyVariables.MinimumDrain, Seconds(least));
        return own.Where(variable => !added.ContainsKey(variable.Name)).Concat(added.Select(variable => new V1EnvVar { Name = variable.Key, Value = variable.Value }));
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";
}
