namespace Mesh.Local.Node.Containers;

/// <summary>Paths inside another root: links are followed as a process in that root would follow them, never out of it.</summary>
internal static class RootPath
{
    private const int MostLinks = 40;

    /// <summary>The path on this machine of <paramref name="path"/> as seen inside <paramref name="root"/>; it need not exist.</summary>
    public static string Resolve(string root, string path)
    {
        var waiting = new Stack<string>(Parts(path).Reverse());
        var resolved = new List<string>();
        var links = 0;
        while (waiting.TryPop(out var part))
        {
            if (part == "..")
            {
                if (resolved.Count > 0) resolved.RemoveAt(resolved.Count - 1);
                continue;
            }

            resolved.Add(part);
            if (new FileInfo(Join(root, resolved)).LinkTarget is not { } target) continue;
            if (++links > MostLinks) throw new IOException($"too many links in {path}");
            if (target.StartsWith('/')) resolved.Clear();
            else resolved.RemoveAt(resolved.Count - 1);
            foreach (var next in Parts(target).Reverse()) waiting.Push(next);
        }

        return Join(root, resolved);
    }

    private static string[] Parts(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();

    private static string Join(string root, List<string> parts) => parts.Count == 0 ? root : root + "/" + string.Join('/', parts);
}
