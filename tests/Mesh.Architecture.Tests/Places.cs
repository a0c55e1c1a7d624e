namespace Mesh.Architecture.Tests;

/// <summary>A failed rule names every place at once, one a line.</summary>
internal static class Places
{
    public static void AssertNone(IEnumerable<string> places)
    {
        var all = places.ToList();
        Assert.True(all.Count == 0, $"{all.Count}:\n{string.Join('\n', all)}");
    }
}
