namespace Mesh.Api.Validation;

/// <summary>Guesses what a misspelt name was meant to be.</summary>
public static class Spelling
{
    /// <summary>What to write instead.</summary>
    public static string Suggestion(string written, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        if (Nearest(written, names) is { } nearest)
            return $"Did you mean {nearest}?";
        const int MostListed = 20;
        return names.Length is 0 or > MostListed ? "Remove it." : $"Write one of {string.Join(", ", names)}.";
    }

    /// <summary>The known name next to the written one; <c>null</c> if none is near enough to be meant.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        var nearest = known.Order(StringComparer.Ordinal)
            .Select(n => (Name: n, Distance: Distance(written.ToLowerInvariant(), n.ToLowerInvariant()))).OrderBy(n => n.Distance).FirstOrDefault();
        // Further away than a third of the word it is more likely another name altogether.
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, written.Length / 3) ? nearest.Name : null;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = cost;
            }
        }

        return row[^1];
    }
}
