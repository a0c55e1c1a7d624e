using System.Collections.Concurrent;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Response flags as text.</summary>
public static class ResponseFlags
{
    private static readonly ConcurrentDictionary<ResponseFlag, string> Texts = new() { [ResponseFlag.None] = "-" };

    /// <summary>Letters separated by commas; <c>-</c> for none.</summary>
    public static string Text(ResponseFlag flags) => Texts.GetOrAdd(flags, Join);

    private static string Join(ResponseFlag flags)
    {
        var set = new List<string>();
        foreach (var flag in Enum.GetValues<ResponseFlag>())
        {
            if (flag != ResponseFlag.None && flags.HasFlag(flag)) set.Add(flag.ToString());
        }

        return string.Join(',', set);
    }
}
