using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Config.Formats;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What one pod's proxy is to be told.</summary>
public sealed record PodPlan
{
    private static readonly ImmutableArray<string> Inbound = [SectionNames.Inbound];

    private readonly ValueArray<RuleKey> inboundRules;

    internal PodPlan(PodInputs inputs, ValueArray<RuleKey> inboundRules, ImmutableArray<Section> ownSections)
    {
        Inputs = inputs;
        this.inboundRules = inboundRules;
        OwnSections = ownSections;
    }

    public required ObjectKey Pod { get; init; }

    public required string Uid { get; init; }

    /// <summary>Name of the pod's ConfigMap, as the injector stamped it.</summary>
    public required string ConfigName { get; init; }

    /// <summary>The config as its sidecar reads it, ordered by section name; sections are shared with every other pod that is told the same.</summary>
    public required ImmutableArray<Section> Sections { get; init; }

    /// <summary>Hash over all sections: the <c>mesh.dev/hash</c> of the record.</summary>
    public required string Hash { get; init; }

    /// <summary>What is to be handed over to it, by name.</summary>
    public ImmutableArray<CredentialRef> Credentials => Inputs.Scope.Credentials;

    /// <summary>Name of the Secret that it mounts for them; empty for a pod made before there was one.</summary>
    public string CredentialSecret => Inputs.Workload.CredentialSecret;

    /// <summary>It was handed some before.</summary>
    public bool HadCredentials => Inputs.Workload.HadCredentials;

    /// <summary>What its sidecar is too old to be told; mostly nothing.</summary>
    public ImmutableArray<FormatLoss> Losses { get; init; } = [];

    /// <summary>The pod is being deleted; it is served but not waited for.</summary>
    public required bool IsTerminating { get; init; }

    internal PodInputs Inputs { get; }

    /// <summary>Sections no other pod has.</summary>
    internal ImmutableArray<Section> OwnSections { get; }

    /// <summary>The rules that act in its own inbound section.</summary>
    internal IEnumerable<RuleKey> InboundRules => Inputs.Peers.Rules.Items.Concat(inboundRules.Items);

    /// <summary>The sections of this pod that hold something of a rule; empty if none does.</summary>
    public ImmutableArray<string> SectionsOf(RuleKey rule)
    {
        if (Inputs.Peers.Rules.Items.Contains(rule)) return Inbound;
        var shared = Inputs.Scope.Contributions.TryGetValue(rule, out var sections) ? sections : [];
        return inboundRules.Items.Contains(rule) ? [.. shared, .. Inbound] : shared;
    }

    /// <summary>The hash a section has in this plan; null if the pod has no such section.</summary>
    public string? HashOf(string section)
    {
        var (low, high) = (0, Sections.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(Sections[middle].Name, section);
            if (order == 0) return Sections[middle].Hash;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return null;
    }
}
