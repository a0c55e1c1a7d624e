using System.Collections.Immutable;

namespace Mesh.Config;

// The rules a config must keep, one file per part. A record enters, problems leave; nothing is thrown or corrected.

/// <summary>Problems found so far.</summary>
internal sealed class ProblemList
{
    private readonly ImmutableArray<ConfigProblem>.Builder problems = ImmutableArray.CreateBuilder<ConfigProblem>();

    public ImmutableArray<ConfigProblem> All => problems.ToImmutable();

    public void Add(string section, string path, string message) =>
        problems.Add(new ConfigProblem(path.Length == 0 ? section : $"{section}: {path}", message));

    public void Add(ConfigPath at, string member, string message) => Add(at.Section, at.Member(member), message);

    /// <summary>A port number in range.</summary>
    public void CheckPort(ConfigPath at, string member, int port)
    {
        if (port is < 1 or > 65535) Add(at, member, $"{port} is not a port; ports are 1 to 65535");
    }

    /// <summary>An enum value of this build.</summary>
    public void CheckDefined<T>(ConfigPath at, string member, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value)) Add(at, member, $"{value} is not known here");
    }

    /// <summary>A share of a hundred.</summary>
    public void CheckPercent(ConfigPath at, string member, double percent)
    {
        if (percent is not (>= 0 and <= 100)) Add(at, member, $"{percent} is not a percentage (0 to 100)");
    }

    /// <summary>A text that a header may carry.</summary>
    public void CheckText(ConfigPath at, string member, string value)
    {
        foreach (var c in value)
        {
            if (!char.IsControl(c) || c == '\t') continue;
            Add(at, member, "holds control characters");
            return;
        }
    }

    /// <summary>A time above zero, where given.</summary>
    public void CheckPositive(ConfigPath at, string member, TimeSpan? value)
    {
        if (value <= TimeSpan.Zero) Add(at, member, "must be above zero");
    }
}
