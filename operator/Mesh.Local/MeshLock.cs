namespace Mesh.Local;

/// <summary>Held by the supervisor as long as it lives; the kernel lets go of it however the supervisor ends.</summary>
public static class MeshLock
{
    /// <summary>The lock, or null when a running mesh holds it.</summary>
    public static FileStream? TryTake(MeshPaths paths)
    {
        try
        {
            return new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            return null;
        }
    }

    public static bool IsHeld(MeshPaths paths)
    {
        if (!File.Exists(paths.Lock)) return false;
        using var taken = TryTake(paths);
        return taken is null;
    }
}
