using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Sidecar.Identity;

/// <summary>
/// Key and chain in the sidecar's own directory, so that a container that is started again goes on with them. The directory
/// must be memory: a key never reaches a disk.
/// </summary>
public sealed class KeptIdentity(string directory, Func<string, bool> holdsKeys, ILogger<KeptIdentity> log)
{
    /// <summary>Name of the file: when it was received, the key, the chain.</summary>
    public const string FileName = "identity.pem";

    private const string Received = "received: ";

    private readonly string path = Path.Combine(directory, FileName);

    /// <summary>Whether the directory lies in memory (tmpfs, ramfs).</summary>
    public static bool IsMemory(string directory)
    {
        try
        {
            return new DriveInfo(directory).DriveFormat is "tmpfs" or "ramfs";
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Writes them; a failure costs a restart its head start and nothing else.</summary>
    public void Write(CertificateOrder order, string chain, DateTimeOffset received)
    {
        if (!Directory.Exists(directory) || !holdsKeys(directory))
        {
            log.LogWarning("The key is not kept for a restart: {Directory} is not a directory in memory (an emptyDir with medium Memory)", directory);
            return;
        }

        try
        {
            PrivateFile.Write(path, Encoding.ASCII.GetBytes($"{Received}{received.UtcDateTime:O}\n{order.ExportKey()}\n{chain}\n"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("The key cannot be kept in {Directory} for a restart: {Error}", directory, failure.Message);
        }
    }

    /// <summary>Takes up what was kept, if every peer still takes it for this pod.</summary>
    public bool TryRead(TrustBundle trust, PodIdentity pod, DateTimeOffset now, [NotNullWhen(true)] out WorkloadIdentity? identity, out DateTimeOffset received)
    {
        identity = null;
        received = now;
        if (PrivateFile.Read(path) is not { } bytes) return false;
        var text = Encoding.ASCII.GetString(bytes);
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(text);
            if (!IssuedChain.TryRead(text, out var chain, out var why) || !chain.TryVerify(trust, pod, now, out var id, out why))
            {
                log.LogInformation("The certificate from before is not used: {Reason}", why);
                return false;
            }

            identity = new WorkloadIdentity(chain.Leaf.CopyWithPrivateKey(key), chain.Intermediates, id);
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            // Not the message: it may quote what it read.
            log.LogWarning("The certificate from before cannot be read; a new one is asked for");
            return false;
        }

        var line = text.StartsWith(Received, StringComparison.Ordinal) ? text[Received.Length..text.IndexOf('\n')] : "";
        if (DateTimeOffset.TryParse(line, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when) && when <= now) received = when;
        return true;
    }
}
