using System.Collections.Immutable;
using System.Net;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A ServiceEntry with all that can be said of it alone; made once for each spec.</summary>
internal sealed class EntryItem
{
    private readonly Dictionary<ValueArray<EntryAddress>, ImmutableArray<Service>> services = [];

    public EntryItem(Rule<ServiceEntrySpec> rule)
    {
        Rule = rule;
        Problems = SpecFindings.Of(rule.Spec, rule.Namespace);
        IsValid = !Problems.Any(finding => finding.Severity == Severity.Error);
        Hosts = [.. rule.Spec.Hosts.Select(host => host.ToLowerInvariant().TrimEnd('.')).Where(host => host.Length > 0).Distinct(StringComparer.Ordinal)];
        HostsWithoutAddress = IsValid && rule.Spec.Addresses.Count == 0 && ServiceEntryTranslator.KindOf(rule.Spec) != ServiceKind.Unresolved
            ? [.. Hosts.Where(host => !HostPattern.IsWildcard(host) && !IPAddress.TryParse(host, out _))]
            : [];
    }

    public Rule<ServiceEntrySpec> Rule { get; }

    public ImmutableArray<Finding> Problems { get; }

    public bool IsValid { get; }

    /// <summary>Its hosts, in lower case, each once.</summary>
    public ImmutableArray<string> Hosts { get; }

    /// <summary>
    /// Hosts for which an address may be given out: names without one, whose connections do not go where the client meant
    /// them to anyway.
    /// </summary>
    public ImmutableArray<string> HostsWithoutAddress { get; }

    /// <summary>The services it stands for; the same instances for the same addresses.</summary>
    public ImmutableArray<Service> Services(ValueArray<EntryAddress> given)
    {
        if (!IsValid) return [];
        if (!services.TryGetValue(given, out var made)) services.Add(given, made = ServiceEntryTranslator.Translate(this, given));
        return made;
    }
}
