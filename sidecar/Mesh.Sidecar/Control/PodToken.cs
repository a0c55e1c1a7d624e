namespace Mesh.Sidecar.Control;

/// <summary>The projected token: read anew at each use, since the kubelet replaces it, and held nowhere.</summary>
public sealed class PodToken(string path)
{
    /// <exception cref="IOException">It is not there; says what mounts it.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false)).Trim();
            return token.Length > 0 ? token : throw new IOException("it is empty");
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the token {path} cannot be read ({absent.Message}); the injector mounts it as a projected volume with audience mesh-ca");
        }
    }
}
