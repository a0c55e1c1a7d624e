using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class Re2SubstitutionTests
{
    [Theory]
    [InlineData("b+", "x", "abbab", "axax")]
    [InlineData("(a)(b)?", @"[\1\2]", "aba", "[ab][a]")]
    [InlineData(".*", "x", "abc", "x")]
    [InlineData("x*", "-", "abc", "-a-b-c-")]
    [InlineData("b*", "-", "abc", "-a-c-")]
    [InlineData("a", @"\\\0", "a", @"\a")]
    public void Every_match_is_substituted_as_in_RE2(string pattern, string substitution, string text, string expected) =>
        Assert.Equal(expected, new Re2Substitution(new RegexRewrite(pattern, substitution)).Apply(text));

    [Theory]
    [InlineData("(a)", @"\2", "capture 2")]
    [InlineData("a", @"\", "lone")]
    [InlineData("a", @"\x", "comes a digit")]
    public void What_is_no_substitution_is_told(string pattern, string substitution, string problem) =>
        Assert.Contains(problem, Re2Substitution.Problem(new RegexRewrite(pattern, substitution)), StringComparison.Ordinal);
}
