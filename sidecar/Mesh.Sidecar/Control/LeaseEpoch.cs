using System.Globalization;
using System.Text;

namespace Mesh.Sidecar.Control;

/// <summary>
/// The highest term of a leader that was listened to. Kept in the sidecar's own directory: an operator that was replaced must
/// not be believed by a container that was started again.
/// </summary>
public sealed class LeaseEpoch
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "epoch";

    private readonly Lock changing = new();
    private readonly string path;
    private readonly ILogger<LeaseEpoch> log;
    private long seen;

    public LeaseEpoch(string directory, ILogger<LeaseEpoch> log)
    {
        path = Path.Combine(directory, FileName);
        this.log = log;
        if (PrivateFile.Read(path) is { } kept) _ = long.TryParse(Encoding.ASCII.GetString(kept), NumberStyles.None, CultureInfo.InvariantCulture, out seen);
    }

    /// <summary>0 before the first.</summary>
    public long Seen => Interlocked.Read(ref seen);

    /// <summary>Whether an operator of this term still leads, as far as is known here.</summary>
    public bool TryAdvance(long epoch)
    {
        lock (changing)
        {
            if (epoch < seen) return false;
            if (epoch == seen) return true;
            seen = epoch;
            try
            {
                PrivateFile.Write(path, Encoding.ASCII.GetBytes(epoch.ToString(CultureInfo.InvariantCulture)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                log.LogWarning("The operator's term cannot be kept in {Path} for a restart: {Error}", path, failure.Message);
            }

            return true;
        }
    }
}
