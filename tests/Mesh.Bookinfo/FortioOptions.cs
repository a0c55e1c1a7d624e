using System.Globalization;

namespace Mesh.Bookinfo;

/// <summary>What <c>fortio load</c> and <c>fortio curl</c> are told, as far as Istio's tasks tell it.</summary>
public sealed record FortioOptions
{
    /// <summary><c>-c</c>: connections, each with one request at a time. Default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary><c>-n</c>: requests in all; 0: for <see cref="Time"/>.</summary>
    public int Requests { get; init; }

    /// <summary><c>-t</c>. Default 5 s.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>-qps</c>: requests a second over all connections; 0: as many as can be. Default 8.</summary>
    public double PerSecond { get; init; } = 8;

    /// <summary><c>-H</c>.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Where to.</summary>
    public Uri? Url { get; init; }

    /// <summary>Reads arguments; null, and the reason, where they cannot be read.</summary>
    public static (FortioOptions? Options, string Problem) Read(IReadOnlyList<string> arguments)
    {
        var options = new FortioOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith('-'))
            {
                if (!Uri.TryCreate(argument.Contains("://", StringComparison.Ordinal) ? argument : "http://" + argument, UriKind.Absolute, out var url)) return (null, $"{argument} is no URL");
                options = options with { Url = url };
                continue;
            }

            var flag = argument.TrimStart('-');
            if (flag is "quiet" or "allow-initial-errors" or "stdclient" or "keepalive") continue;
            if (++i == arguments.Count) return (null, $"{argument} needs a value");
            if (options.With(flag, arguments[i]) is not { } read) return (null, $"{argument} {arguments[i]} is not known to this stand-in for fortio");
            options = read;
        }

        return options.Url is null ? (null, "a URL is needed") : (options, "");
    }

    private FortioOptions? With(string flag, string value) => flag switch
    {
        "c" when int.TryParse(value, out var connections) && connections is > 0 and <= 1000 => this with { Connections = connections },
        "n" when int.TryParse(value, out var requests) && requests >= 0 => this with { Requests = requests },
        "qps" when double.TryParse(value, CultureInfo.InvariantCulture, out var rate) && rate >= 0 => this with { PerSecond = rate },
        "t" when value is [.., 's'] && double.TryParse(value.AsSpan(..^1), CultureInfo.InvariantCulture, out var seconds) => this with { Time = TimeSpan.FromSeconds(seconds) },
        "H" when value.Split(':', 2) is [var name, var text] => this with { Headers = [.. Headers, (name.Trim(), text.Trim())] },
        "loglevel" => this,
        _ => null,
    };
}
