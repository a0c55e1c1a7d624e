using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Tests;

/// <summary>Each row: what is known of a pod's configs, and the number the next one gets.</summary>
public sealed class RevisionBookTests
{
    private readonly ReportBook _reports = new(new Debounce(TimeProvider.System, TimeSpan.Zero, TimeSpan.Zero));
    private readonly RevisionBook _book;

    public RevisionBookTests() => _book = new RevisionBook(_reports);

    [Fact]
    public void The_first_config_is_number_one() => Assert.Equal(1, _book.Assign("p", "a"));

    [Fact]
    public void The_same_content_keeps_its_number_so_that_record_and_push_agree() =>
        Assert.Equal((1L, 1L), (_book.Assign("p", "a"), _book.Assign("p", "a")));

    [Fact]
    public void Another_content_gets_the_next_number()
    {
        _book.Assign("p", "a");
        Assert.Equal(2, _book.Assign("p", "b"));
        Assert.Equal(3, _book.Assign("p", "a"));
    }

    [Fact]
    public void A_former_leaders_record_is_numbered_above()
    {
        _book.Recorded("p", 7, "a");
        Assert.Equal(8, _book.Assign("p", "b"));
    }

    [Fact]
    public void A_former_leaders_record_of_the_same_content_keeps_its_number()
    {
        _book.Recorded("p", 7, "a");
        Assert.Equal(7, _book.Assign("p", "a"));
    }

    [Fact]
    public void What_a_sidecar_holds_under_a_higher_number_is_numbered_above()
    {
        _book.Recorded("p", 3, "a");
        Report(41, "ahead");
        Assert.Equal(42, _book.Assign("p", "a"));
    }

    [Fact]
    public void What_a_sidecar_holds_already_keeps_the_number_it_holds_it_under()
    {
        _book.Recorded("p", 3, "old");
        Report(5, "a");
        Assert.Equal(5, _book.Assign("p", "a"));
    }

    [Fact]
    public void The_same_number_with_another_content_at_the_sidecar_is_not_used_again()
    {
        _book.Assign("p", "a");
        Report(1, "of a former leader");
        Assert.Equal(2, _book.Assign("p", "a"));
    }

    [Fact]
    public void A_config_refused_for_what_is_in_it_keeps_its_number()
    {
        Report(4, "good");
        Assert.Equal(5, _book.Assign("p", "bad"));
        Report(4, "good", new RefusedConfig { Revision = 5, Hash = "bad", Problems = [] });
        Assert.Equal(5, _book.Assign("p", "bad"));
        Assert.Equal(6, _book.Assign("p", "better"));
    }

    [Fact]
    public void Content_that_someone_else_changed_is_written_again_under_a_new_number()
    {
        _book.Assign("p", "a");
        Assert.Equal(2, _book.AssignAnew("p", "a"));
        Assert.Equal(2, _book.Assign("p", "a"));
    }

    private void Report(long revision, string hash, RefusedConfig? refused = null) =>
        _reports.Heard("p", new ProxyReport { Sequence = 1, Instance = "i", Revision = revision, Hash = hash, Sections = ImmutableArray<SectionRef>.Empty, Refused = refused });
}
