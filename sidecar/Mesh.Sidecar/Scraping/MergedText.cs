using System.Text;

namespace Mesh.Sidecar.Scraping;

/// <summary>
/// Two answers as one. The application's comes last, for in OpenMetrics its end is the end of all. A metric that both have is the
/// sidecar's: two families of one name are no answer that reads, and callers of <c>istio_requests_total</c> mean the mesh's.
/// </summary>
internal static class MergedText
{
    // What the samples of a family add to its name.
    private static readonly string[] Suffixes = ["", "_total", "_created", "_bucket", "_sum", "_count"];

    /// <summary>What stands in place of the application's answer when it cannot be read: null where it can.</summary>
    public static string? Problem(ReadOnlySpan<byte> application, bool isOpenMetrics)
    {
        var number = 0;
        var ended = false;
        foreach (var range in application.Split((byte)'\n'))
        {
            number++;
            var line = MetricLine.Read(application[range]);
            if (!line.IsValid) return $"line {number} is no metric: {Shown(application[range])}";
            ended |= line.IsEnd;
        }

        return isOpenMetrics && !ended ? "it ends without # EOF" : null;
    }

    /// <summary>Both.</summary>
    /// <param name="own">The sidecar's, in the format of the application's.</param>
    /// <param name="application">Without <see cref="Problem"/>.</param>
    /// <param name="isOpenMetrics">Which format they are in.</param>
    /// <param name="doubled">Names of the application's that were left out.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlySpan<byte> own, ReadOnlySpan<byte> application, bool isOpenMetrics, out IReadOnlyCollection<string> doubled)
    {
        var text = new MemoryStream(own.Length + application.Length + 16);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in own.Split((byte)'\n'))
        {
            var line = MetricLine.Read(own[range]);
            if (line.IsEnd || own[range].IsEmpty) continue;
            var name = Encoding.UTF8.GetString(line.Name);
            if (own[range].StartsWith("# TYPE "u8)) taken.UnionWith(Suffixes.Select(suffix => name + suffix));
            else taken.Add(name);
            Write(text, own[range]);
        }

        var left = new SortedSet<string>(StringComparer.Ordinal);
        var names = taken.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in application.Split((byte)'\n'))
        {
            var line = MetricLine.Read(application[range]);
            if (line.IsEnd || application[range].Trim(" \t\r"u8).IsEmpty) continue;
            if (IsTaken(names, line.Name)) left.Add(Encoding.UTF8.GetString(line.Name));
            else Write(text, application[range].TrimEnd((byte)'\r'));
        }

        if (isOpenMetrics) text.Write("# EOF\n"u8);
        doubled = left;
        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    private static bool IsTaken(HashSet<string>.AlternateLookup<ReadOnlySpan<char>> names, ReadOnlySpan<byte> name)
    {
        const int Most = 512;
        if (name.IsEmpty || name.Length > Most) return false;
        Span<char> letters = stackalloc char[Most];
        return names.Contains(letters[..Encoding.UTF8.GetChars(name, letters)]);
    }

    private static void Write(MemoryStream text, ReadOnlySpan<byte> line)
    {
        text.Write(line);
        text.WriteByte((byte)'\n');
    }

    private static string Shown(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line[..Math.Min(line.Length, 80)]).Trim();
}
