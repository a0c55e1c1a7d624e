using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class Re2Tests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "ab", false)] // the whole value
    [InlineData("a", "ba", false)]
    [InlineData("a|bc", "bc", true)]
    [InlineData("a|bc", "bcd", false)] // the whole value, whichever branch
    [InlineData("a$", "a", true)]
    [InlineData("a$", "a\n", false)] // $ is the very end, not before a last newline
    [InlineData("(?m)a$\nb", "a\nb", true)]
    [InlineData(".*", "a b", true)]
    [InlineData(".*", "a\nb", false)] // a dot is no newline
    [InlineData("(?s).*", "a\nb", true)]
    [InlineData("(?i)ABC", "abc", true)]
    [InlineData("(?i:A)bc", "abc", true)]
    [InlineData("(?i:A)BC", "abc", false)]
    [InlineData("^/api/v[0-9]+/?$", "/api/v12/", true)]
    [InlineData(@"\d+", "12", true)]
    [InlineData(@"\d+", "١٢", false)] // digits are ASCII's
    [InlineData(@"\w+", "aZ_9", true)]
    [InlineData(@"\w+", "é", false)]
    [InlineData(@"\W", "é", true)]
    [InlineData(@"[\w-]+", "a-b", true)]
    [InlineData(@"[^\d]", "a", true)]
    [InlineData(@"[\D]", "a", true)]
    [InlineData(@"\s", "\v", false)] // Perl's \s in RE2 has no vertical tab
    [InlineData("[[:alpha:]]+", "abc", true)]
    [InlineData("[[:alpha:]]+", "[:alph:]", false)]
    [InlineData("[[:^digit:]]", "x", true)]
    [InlineData("[]a]+", "a]", true)]
    [InlineData("[^]a]", "b", true)]
    [InlineData("[a-z-[aeiou]]", "b]", true)] // .NET would subtract; RE2 knows a class [a-z-[aeiou and a ]
    [InlineData("(?P<name>a+)", "aa", true)]
    [InlineData("(?<name>a+)", "aa", true)]
    [InlineData(@"\Qa.b\E+", "a.bb", true)]
    [InlineData(@"\Qa.b\E", "axb", false)]
    [InlineData(@"\x41\x{42}", "AB", true)]
    [InlineData(@"\101", "A", true)] // octal
    [InlineData(@"\pL\p{Lu}", "aB", true)]
    [InlineData(@"\PL", "1", true)]
    [InlineData(@"\_\-\/", "_-/", true)]
    [InlineData("a{2,3}", "aaa", true)]
    [InlineData("a{,3}", "a{,3}", true)] // not a repetition
    [InlineData("x*?y", "xxy", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("(a|b)*c|d", "ababc", true)]
    [InlineData(@"a#b c", "a#b c", true)]
    public void An_expression_means_what_it_means_in_RE2(string pattern, string text, bool matches)
    {
        Assert.Null(Re2.Problem(pattern));
        Assert.Equal(matches, Re2.Compile(pattern).IsMatch(text));
    }

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("a)(b")]
    [InlineData("[")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("*")]
    [InlineData("a**")]
    [InlineData("a++")] // possessive
    [InlineData("a{1001}")]
    [InlineData(@"a\")]
    [InlineData(@"(a)\1")] // back reference
    [InlineData(@"\k<a>")]
    [InlineData("(?=a)")]
    [InlineData("(?!a)")]
    [InlineData("(?<=a)")]
    [InlineData("(?<!a)")]
    [InlineData("(?>a)")]
    [InlineData("(?#a)")]
    [InlineData("(?x)a")]
    [InlineData("(?U)a")]
    [InlineData("(?")]
    [InlineData("(?P<a")]
    [InlineData("(?P<>a)")]
    [InlineData("(?P=a)")]
    [InlineData(@"\Z")]
    [InlineData(@"\G")]
    [InlineData(@"\C")]
    [InlineData(@"\e")]
    [InlineData(@"\cA")]
    [InlineData(@"\x{110000}")]
    [InlineData(@"\xZZ")]
    [InlineData(@"\p{NoSuchClass}")]
    [InlineData("[[:nosuch:]]")]
    [InlineData("a{3,2}")]
    public void What_RE2_refuses_is_refused_in_words(string pattern)
    {
        var problem = Re2.Problem(pattern);
        Assert.NotNull(problem);
        Assert.Contains(pattern, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_short_expression_compiles_or_is_refused_but_never_throws_otherwise()
    {
        const string Alphabet = @"a()[]{}*+?|^$\.-:1,bdpQEx<P=!imU";
        var random = new Random(7);
        for (var i = 0; i < 4_000; i++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            _ = Re2.Problem(pattern);
        }
    }
}
