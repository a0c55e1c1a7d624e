using System.Collections.Immutable;
using DestinationRules = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Networking.DestinationRuleSpec>>;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Credentials;

/// <summary>Which Secrets are to be read: those that rules name, and no others.</summary>
public static class CredentialNeeds
{
    /// <summary>Namespace (of the rule, which is that of the pods it is for) and name of each.</summary>
    public static ImmutableSortedSet<ObjectKey> Of(DestinationRules rules) =>
        [.. rules.Values.SelectMany(rule => CredentialPlaces.Of(rule.Spec).Select(place => new ObjectKey(rule.Namespace, place.Tls.CredentialName!)))];
}
