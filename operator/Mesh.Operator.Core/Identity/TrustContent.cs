using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Config.Identity;

namespace Mesh.Operator.Core.Identity;

/// <summary>What stands in <c>mesh-root</c>, the same in every namespace.</summary>
public static class TrustContent
{
    public static ImmutableSortedDictionary<string, string> Of(string rootsPem, SpiffeId @operator, string address) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, string>
        {
            [WellKnown.TrustRoots] = rootsPem,
            [WellKnown.TrustOperator] = @operator.ToString(),
            [WellKnown.TrustAddress] = address,
            [WellKnown.TrustDomain] = @operator.TrustDomain,
        });
}
