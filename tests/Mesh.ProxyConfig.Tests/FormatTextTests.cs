using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class FormatTextTests
{
    [Fact]
    public void A_text_is_taken_apart_into_literals_and_operators()
    {
        Assert.Equal(
            [new("a% "), new("", "REQ", "X-A?:PATH", 10), new(" "), new("", "PROTOCOL"), new("", "START_TIME", "%s.%3f")],
            FormatText.Parse("a%% %REQ(X-A?:PATH):10% %PROTOCOL%%START_TIME(%s.%3f)%"));
    }

    [Fact]
    public void A_text_without_percent_signs_is_itself() => Assert.Equal([new("plain")], FormatText.Parse("plain"));

    [Fact]
    public void An_empty_text_has_no_pieces() => Assert.Empty(FormatText.Parse(""));

    [Theory]
    [InlineData("50%", "begins an operator")]
    [InlineData("% x", "begins an operator")]
    [InlineData("%protocol%", "begins an operator")]
    [InlineData("%PROTOCOL", "begins an operator")]
    [InlineData("%REQ(x%", "is not closed")]
    [InlineData("%REQ%", "needs a name")]
    [InlineData("%REQ(x):y%", "a length")]
    public void What_is_no_such_text_is_told_with_its_place(string text, string problem) =>
        Assert.Contains(problem, FormatText.Problem(text), StringComparison.Ordinal);

    [Fact]
    public void Operators_that_have_no_value_here_are_told() => Assert.Equal(["NO_SUCH"], FormatText.Unknown("%PROTOCOL% %NO_SUCH(x)% %NO_SUCH%"));
}
