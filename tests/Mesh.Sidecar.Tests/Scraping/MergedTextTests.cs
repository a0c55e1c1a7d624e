using System.Text;
using Mesh.Sidecar.Scraping;

namespace Mesh.Sidecar.Tests.Scraping;

public sealed class MergedTextTests
{
    private const string Own = "# HELP istio_requests_total Requests.\n# TYPE istio_requests_total counter\nistio_requests_total{a=\"b\"} 1\n";

    [Theory]
    [InlineData("up 1")]
    [InlineData("# TYPE up gauge\nup{a=\"b } # \\\" c\",d=\"e\"} 1.5e+06 1700000000000\n\n# a word\n")]
    [InlineData("a_bucket{le=\"+Inf\"} 3 # {trace_id=\"1\"} 0.5 1700000000.1\n# EOF\n")]
    [InlineData("{\"my.name\",a=\"b\"} NaN\r\nother +Inf\n")]
    [InlineData("")]
    public void What_either_format_allows_reads(string text) => Assert.Null(MergedText.Problem(Encoding.UTF8.GetBytes(text), isOpenMetrics: false));

    [Theory]
    [InlineData("<html><body>Sign in</body></html>", "line 1 is no metric: <html>")]
    [InlineData("up 1\n{\"error\": \"none\"}", "line 2 is no metric")]
    [InlineData("Hello world", "line 1")]
    [InlineData("up 1\nhalf{a=\"b", "line 2")]
    [InlineData("up", "line 1")]
    [InlineData("up 1 now", "line 1")]
    [InlineData("1up 1", "line 1")]
    public void What_would_cost_the_whole_answer_is_told_by_its_line(string text, string problem) =>
        Assert.StartsWith(problem, MergedText.Problem(Encoding.UTF8.GetBytes(text), isOpenMetrics: false), StringComparison.Ordinal);

    [Fact]
    public void OpenMetrics_that_was_cut_off_is_told() => Assert.Equal("it ends without # EOF", MergedText.Problem("up 1\n"u8, isOpenMetrics: true));

    [Fact]
    public void The_applications_lines_follow_each_whole() =>
        Assert.Equal((Own + "up 1\nlast 2\n", ""), Merge(Own, "up 1\nlast 2", false));

    [Fact]
    public void There_is_one_end_and_it_is_the_last_line() => Assert.Equal((Own + "up 1\n# EOF\n", ""), Merge(Own + "# EOF\n", "up 1\n# EOF\n", true));

    [Fact]
    public void A_metric_that_both_have_is_the_sidecars_with_all_its_lines() =>
        Assert.Equal(
            (Own + "# TYPE up gauge\nup 1\n", "istio_requests_total"),
            Merge(Own, "# HELP istio_requests_total Mine.\n# TYPE istio_requests_total counter\nistio_requests_total 5\n# TYPE up gauge\nup 1\n", false));

    [Fact]
    public void So_are_the_samples_of_a_family_that_has_none_yet() =>
        Assert.Equal(("# TYPE istio_request_bytes histogram\n", "istio_request_bytes_count"), Merge("# TYPE istio_request_bytes histogram\n", "istio_request_bytes_count 5\n", false));

    private static (string Text, string Doubled) Merge(string own, string application, bool isOpenMetrics)
    {
        var text = MergedText.Of(Encoding.UTF8.GetBytes(own), Encoding.UTF8.GetBytes(application), isOpenMetrics, out var doubled);
        return (Encoding.UTF8.GetString(text.Span), string.Join(' ', doubled));
    }
}
