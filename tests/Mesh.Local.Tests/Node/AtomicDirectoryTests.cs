using System.Collections.Immutable;
using System.Text;
using Mesh.Local.Node.Volumes;

namespace Mesh.Local.Tests.Node;

public sealed class AtomicDirectoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-atomic-").FullName;
    private readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly Random _random = new(1);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Files_are_links_through_the_data_link()
    {
        Write(("a", "1"), ("sub/b", "2"));
        Assert.Equal("..data/a", new FileInfo($"{_directory}/a").LinkTarget);
        Assert.Equal("..data/sub", new FileInfo($"{_directory}/sub").LinkTarget);
        Assert.StartsWith("..2026_01_02_03_04_05.", new FileInfo($"{_directory}/..data").LinkTarget);
        Assert.Equal("2", File.ReadAllText($"{_directory}/sub/b"));
    }

    [Fact]
    public void A_change_swaps_the_one_link_and_removes_what_is_gone()
    {
        Write(("a", "1"), ("old", "x"));
        var before = new FileInfo($"{_directory}/..data").LinkTarget!;
        Assert.True(Write(("a", "2"), ("new", "y")));
        Assert.NotEqual(before, new FileInfo($"{_directory}/..data").LinkTarget);
        Assert.Equal("2", File.ReadAllText($"{_directory}/a"));
        Assert.Equal("y", File.ReadAllText($"{_directory}/new"));
        Assert.False(File.Exists($"{_directory}/old"));
        Assert.False(Directory.Exists($"{_directory}/{before}"));
    }

    [Fact]
    public void The_same_files_again_change_nothing()
    {
        Write(("a", "1"));
        var before = new FileInfo($"{_directory}/..data").LinkTarget;
        Assert.False(Write(("a", "1")));
        Assert.Equal(before, new FileInfo($"{_directory}/..data").LinkTarget);
    }

    private bool Write(params (string Path, string Text)[] files) =>
        AtomicDirectory.Write(_directory, files.ToImmutableSortedDictionary(f => f.Path, f => new VolumeFile(Encoding.UTF8.GetBytes(f.Text), (UnixFileMode)0x1A4), StringComparer.Ordinal), null, _now, _random);
}
