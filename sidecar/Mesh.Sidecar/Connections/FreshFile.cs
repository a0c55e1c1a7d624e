using System.Security.Cryptography;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// What a file holds, as of now: read for each handshake, parsed when it changed. By content, for what Kubernetes mounts is a
/// link whose own times say nothing. A change that cannot be read leaves what was read before in use.
/// </summary>
internal sealed class FreshFile<T>(Func<string> read, Func<string, T> parse)
    where T : class
{
    private readonly Lock reading = new();
    private string? known;
    private T? value;

    /// <summary>One file.</summary>
    public static FreshFile<T> Of(string path, Func<string, T> parse) => new(() => File.ReadAllText(path), parse);

    /// <summary>The content; <c>null</c> when there never was one that could be read, and then why.</summary>
    public T? Read(out string why)
    {
        lock (reading)
        {
            why = "";
            try
            {
                var text = read();
                if (text != known) (value, known) = (parse(text), text);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or FormatException)
            {
                why = failure.Message;
            }

            return value;
        }
    }
}
