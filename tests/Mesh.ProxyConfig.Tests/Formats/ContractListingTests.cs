using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Testing;

namespace Mesh.ProxyConfig.Tests.Formats;

/// <summary>
/// What each format of the contract can say stands in a file, which for a format that was ever given out never changes. <c>make golden</c>
/// writes that of the current one; look at the difference, and at docs/adr/0027.
/// </summary>
public sealed class ContractListingTests
{
    private const int Current = Mesh.Config.ProxyConfig.CurrentFormatVersion;

    private static readonly ContractListing Contract = ContractListing.OfContract();

    [Fact]
    public void The_contract_says_what_its_format_says()
    {
        if (Environment.GetEnvironmentVariable("MESH_GOLDEN") == "write") File.WriteAllLines(FileOf(Current), Contract.Lines.Keys);
        Assert.Equal(LinesOf(Current), Contract.Lines.Keys);
    }

    [Fact]
    public void What_came_later_says_so_and_may_be_left_out() => Assert.Empty(Contract.Problems);

    [Fact]
    public void Nothing_is_said_to_come_later_than_now() => Assert.DoesNotContain(Contract.Lines, line => line.Value > Current);

    [Fact]
    public void A_format_has_all_that_the_one_before_had()
    {
        for (var format = 2; format <= Current; format++)
        {
            // Of a former format only its file is left; what it added is judged by the attributes of today.
            var (before, now) = (LinesOf(format - 1), LinesOf(format));
            Assert.Empty(before.Except(now));
            if (format == Current) Assert.Empty(Contract.ProblemsAfter(before, format));
        }
    }

    [Fact]
    public void A_sidecar_says_no_new_words_to_an_operator_that_may_be_older()
    {
        // Members that it does not know are passed over; a word that it does not know is the end of the report.
        var said = ContractListing.Of(ProxyConfigJson.Default.Options, [], typeof(ProxyReport), typeof(SidecarHello), typeof(CertificateRequest));
        Assert.DoesNotContain(said.Lines, line => line.Key.Contains(" = ", StringComparison.Ordinal) && line.Value > 1);
    }

    [Fact]
    public void A_member_taken_away_retyped_or_new_without_its_format_is_found()
    {
        var now = ContractListing.Of(SmallJson.Default.Options, [typeof(SmallRoute)], typeof(SmallTable));
        Assert.Empty(now.Problems);
        string[] before = [.. now.Lines.Where(line => line.Value < 3).Select(line => line.Key)];

        Assert.Empty(now.ProblemsAfter(before, 3));
        Assert.Contains("SmallRoute.gone: String", Assert.Single(now.ProblemsAfter([.. before, "SmallRoute.gone: String"], 3)), StringComparison.Ordinal);
        Assert.Contains("SmallTable.name", Assert.Single(now.ProblemsAfter([.. before.Where(line => !line.StartsWith("SmallTable.name", StringComparison.Ordinal))], 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_member_that_must_be_given_or_cannot_refuse_is_found()
    {
        var wrong = ContractListing.Of(SmallJson.Default.Options, [], typeof(SmallWrong), typeof(SmallRoute));

        Assert.Equal(5, wrong.Problems.Count);
        Assert.Contains(wrong.Problems, problem => problem.StartsWith("SmallWrong.must:", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.StartsWith("SmallWrong.count:", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.StartsWith("SmallWay = Third:", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.StartsWith("SmallRoute.guard:", StringComparison.Ordinal));
    }

    private static string[] LinesOf(int format) => File.ReadAllLines(FileOf(format));

    private static string FileOf(int format) => Path.Combine(Repository.Root, "tests", "Mesh.ProxyConfig.Tests", "Formats", $"{format}.txt");
}
