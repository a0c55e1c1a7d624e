using Mesh.Config;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Tests.Routing;

public sealed class PathNormalizerTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/b/.", "/a/b/")]
    [InlineData("/..", "/")]
    [InlineData("/../../a", "/a")] // never above the root
    [InlineData("/a/%2e%2e/b", "/b")] // encoded dots are dots
    [InlineData("/a/%2E/b", "/a/b")]
    [InlineData("/%61dmin", "/admin")] // unreserved characters are decoded
    [InlineData("/a%2fb", "/a%2Fb")] // an encoded slash is no slash; hexadecimal digits are upper case
    [InlineData("/a%20b", "/a%20b")]
    [InlineData(@"\a\b", null)] // a path begins with a slash
    [InlineData(@"/a\b", "/a/b")]
    [InlineData(@"/a\..\b", "/b")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/.hidden", "/.hidden")]
    [InlineData("/a/...", "/a/...")]
    [InlineData("/100%", "/100%")] // no escape: stays as it is
    [InlineData("/a%4", "/a%4")]
    [InlineData("/a%zz/../b", "/b")]
    [InlineData("/%%341dmin", "/Admin")] // what decoding brings forth is decoded too
    [InlineData("/%%36%31dmin", "/admin")]
    [InlineData("/%2561", "/%2561")] // a percent sign is not unreserved
    [InlineData("/a%00b", null)]
    [InlineData("a", null)]
    [InlineData("*", "*")] // OPTIONS *
    [InlineData("/%C3%A9", "/%C3%A9")]
    public void Base_is_RFC_3986(string path, string? expected)
    {
        Assert.Equal(expected, PathNormalizer.Normalize(path, PathNormalization.Base));
    }

    [Theory]
    [InlineData("/a//b", "/a/b")]
    [InlineData("//a///b//", "/a/b/")]
    [InlineData("//", "/")]
    [InlineData("/a/b//..", "/a/")]
    [InlineData("/a%2fb", "/a%2Fb")]
    public void MergeSlashes_makes_several_slashes_one(string path, string expected)
    {
        Assert.Equal(expected, PathNormalizer.Normalize(path, PathNormalization.MergeSlashes));
    }

    [Theory]
    [InlineData("/a%2fb", "/a/b")]
    [InlineData("/a%5Cb", "/a/b")]
    [InlineData("/a%2F%2e%2e%2Fb", "/b")]
    [InlineData("/a%2F/b", "/a/b")]
    public void DecodeAndMergeSlashes_decodes_slashes_first(string path, string expected)
    {
        Assert.Equal(expected, PathNormalizer.Normalize(path, PathNormalization.DecodeAndMergeSlashes));
    }

    [Theory]
    [InlineData("/a/../%61")]
    [InlineData("no path")]
    public void None_changes_nothing(string path)
    {
        Assert.Same(path, PathNormalizer.Normalize(path, PathNormalization.None));
    }

    [Fact]
    public void Normalising_twice_is_the_same_as_once()
    {
        var random = new Random(3);
        string[] pieces = ["/", "//", ".", "..", "a", "%2e", "%2F", "%61", "\\", "%5c", "b.c", "%25", "...", "%", "41", "%3", "4"];
        foreach (var normalization in Enum.GetValues<PathNormalization>())
        {
            for (var i = 0; i < 5000; i++)
            {
                var path = "/" + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)]));
                if (PathNormalizer.Normalize(path, normalization) is not { } once) continue;
                Assert.Equal(once, PathNormalizer.Normalize(once, normalization));
            }
        }
    }

    [Fact]
    public void A_path_with_nothing_to_do_is_the_same_instance()
    {
        var path = "/api/v1/reviews.json";
        Assert.Same(path, PathNormalizer.Normalize(path, PathNormalization.Base));
    }

    [Theory]
    [InlineData("/a?b=c", "/a", "?b=c")]
    [InlineData("/a", "/a", "")]
    [InlineData("/a?", "/a", "?")]
    [InlineData("/a?b=/../c", "/a", "?b=/../c")] // the query is sent as it came
    [InlineData("/a/../b?x", "/b", "?x")]
    [InlineData("/a#b?c", "/a", "")]
    [InlineData("/a?b#c", "/a", "?b")]
    public void A_target_is_path_and_query(string raw, string path, string query)
    {
        Assert.True(RequestTarget.TryParse(raw, PathNormalization.Base, out var target));
        Assert.Equal(new RequestTarget(path, query), target);
    }
}
