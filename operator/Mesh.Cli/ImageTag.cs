using System.Collections.Immutable;

namespace Mesh.Cli;

/// <summary>What `--images` takes: TAG=DIRECTORY, where the directory is laid out as bin is.</summary>
internal static class ImageTag
{
    private static readonly string[] Programs = ["operator", "sidecar", "init", "bookinfo"];

    /// <summary>What is wrong with it, and what to do; null when nothing is.</summary>
    public static string? Mistake(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } tag, { Length: > 0 } directory]) return $"--images {text}: TAG=DIRECTORY, as in --images old=../old/bin";
        if (tag.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')) || tag[0] is '.' or '-' || tag.Length > 128)
            return $"--images {text}: \"{tag}\" is not a tag of images: letters, digits, _, . and -, of which the last two do not begin it, at most 128";
        return Programs.Any(program => Directory.Exists(Path.Combine(directory, program)))
            ? null
            : $"--images {text}: {Path.GetFullPath(directory)} holds none of {string.Join(", ", Programs)}: give the directory bin of a clone in which make build has run";
    }

    /// <summary>The last of two that name one tag holds.</summary>
    public static ImmutableDictionary<string, string> Read(IEnumerable<string> texts) => texts
        .Select(text => text.Split('=', 2))
        .Aggregate(ImmutableDictionary<string, string>.Empty, (tags, parts) => tags.SetItem(parts[0], Path.GetFullPath(parts[1])));
}
