using System.Buffers.Text;
using System.Buffers;

namespace Mesh.Sidecar.Scraping;

/// <summary>
/// One line of the text format or of OpenMetrics, as far as two answers in one need it read: which metric it is of, and whether
/// it is a line at all. A server that reads nonsense drops the whole answer, the sidecar's metrics with it.
/// </summary>
internal readonly ref struct MetricLine
{
    private static readonly SearchValues<byte> EndsOfName = SearchValues.Create("{ \t"u8);
    private static readonly SearchValues<byte> EndsOfWord = SearchValues.Create(" \t"u8);

    private MetricLine(bool isValid, bool isEnd, ReadOnlySpan<byte> name)
    {
        IsValid = isValid;
        IsEnd = isEnd;
        Name = name;
    }

    public bool IsValid { get; }

    /// <summary>OpenMetrics' <c># EOF</c>.</summary>
    public bool IsEnd { get; }

    /// <summary>Of a sample, or of the family that HELP, TYPE or UNIT is about; empty: a comment, or nothing.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public static MetricLine Read(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\r"u8);
        if (line.IsEmpty) return new MetricLine(true, false, default);
        return line[0] == (byte)'#' ? Comment(line) : Sample(line);
    }

    private static MetricLine Comment(ReadOnlySpan<byte> line)
    {
        var rest = line[1..].TrimStart(" \t"u8);
        if (rest.SequenceEqual("EOF"u8)) return new MetricLine(true, true, default);
        if (!rest.StartsWith("HELP "u8) && !rest.StartsWith("TYPE "u8) && !rest.StartsWith("UNIT "u8)) return new MetricLine(true, false, default);
        rest = rest[5..].TrimStart(" \t"u8);
        var end = rest.IndexOfAny(EndsOfWord);
        return new MetricLine(true, false, Unquoted(end < 0 ? rest : rest[..end]));
    }

    private static MetricLine Sample(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAny(EndsOfName);
        if (end < 0) return default;
        var name = line[..end];
        var rest = line[end..].TrimStart(" \t"u8);
        if (!rest.IsEmpty && rest[0] == (byte)'{')
        {
            var labels = EndOfLabels(rest);
            if (labels < 0) return default;
            // A name with other letters than these stands, quoted, among the labels.
            if (name.IsEmpty) name = Unquoted(rest[1..labels].Trim(" \t"u8));
            rest = rest[(labels + 1)..].TrimStart(" \t"u8);
        }

        if (name.IsEmpty || char.IsAsciiDigit((char)name[0]) || name[0] is (byte)'<' or (byte)'"' or (byte)'}') return default;
        var value = rest.IndexOfAny(EndsOfWord);
        var isValid = IsValue(value < 0 ? rest : rest[..value]);
        rest = value < 0 ? default : rest[value..].TrimStart(" \t"u8);
        // A time, an exemplar, or both.
        if (isValid && !rest.IsEmpty && rest[0] != (byte)'#') isValid = IsValue(rest.IndexOfAny(EndsOfWord) is >= 0 and var time ? rest[..time] : rest);
        return new MetricLine(isValid, false, name);
    }

    private static bool IsValue(ReadOnlySpan<byte> text) =>
        (Utf8Parser.TryParse(text, out double _, out var read) && read == text.Length)
        || text.SequenceEqual("NaN"u8) || text.SequenceEqual("+Inf"u8) || text.SequenceEqual("-Inf"u8) || text.SequenceEqual("Inf"u8);

    private static int EndOfLabels(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            if (quoted && text[i] == (byte)'\\') i++;
            else if (text[i] == (byte)'"') quoted = !quoted;
            else if (!quoted && text[i] == (byte)'}') return i;
        }

        return -1;
    }

    private static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != (byte)'"') return text;
        var end = text[1..].IndexOf((byte)'"');
        return end < 0 ? default : text.Slice(1, end);
    }
}
