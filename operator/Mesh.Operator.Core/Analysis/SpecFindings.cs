using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What is wrong with a spec by itself: broken rules of its kind, and fields this version does not act on.</summary>
internal static class SpecFindings
{
    public static ImmutableArray<Finding> Of(VirtualServiceSpec spec, string ruleNamespace) =>
        [.. VirtualServiceValidator.Validate(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];

    public static ImmutableArray<Finding> Of(DestinationRuleSpec spec, string ruleNamespace) =>
        [.. DestinationRuleValidator.Validate(spec, ruleNamespace), .. UnsupportedFieldsFinder.Find(spec)];
}
