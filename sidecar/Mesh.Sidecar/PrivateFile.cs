namespace Mesh.Sidecar;

/// <summary>Small files of the sidecar's own directory: written whole or not at all, readable by the sidecar alone.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var next = path + ".next";
        File.Delete(next); // left by a process that was killed; its mode would be kept
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Owner;
        using (var file = new FileStream(next, options)) file.Write(content);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>The content; <c>null</c> when there is none or it cannot be read.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
