using System.Text.RegularExpressions;
using Mesh.Api.Validation;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>docs/features.md and the findings in a status tell the same.</summary>
public sealed partial class FeatureTableTests
{
    [Fact]
    public void What_the_table_says_works_is_what_gives_no_finding()
    {
        var rows = Row().Matches(File.ReadAllText(Repository.Path("docs/features.md")))
            .ToDictionary(m => m.Groups["field"].Value, m => m.Groups["works"].Value == "yes");
        var notYet = SupportedFields.VirtualService.NotYet.Keys.Select(p => p.Replace("spec.", "VirtualService.", StringComparison.Ordinal))
            // The table tells of policies once, for the whole host.
            .Concat(SupportedFields.DestinationRule.NotYet.Keys.Where(p => p.StartsWith("spec.trafficPolicy", StringComparison.Ordinal) && !p.Contains("portLevelSettings", StringComparison.Ordinal)).Select(p => p.Replace("spec.", "DestinationRule.", StringComparison.Ordinal)))
            .ToHashSet();

        Assert.NotEmpty(rows);
        Assert.Equal(notYet.Order(), rows.Where(r => !r.Value).Select(r => r.Key).Order());
    }

    [GeneratedRegex(@"^\| `(?<field>(VirtualService|DestinationRule|PeerAuthentication)\.[\w.]+)` \| (?<works>yes|not yet) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
