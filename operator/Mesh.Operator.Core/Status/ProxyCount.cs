using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Operator.Core.Status;

/// <summary>How many proxies hold a rule.</summary>
/// <param name="Targeted">Proxies that run and answer.</param>
/// <param name="Applied">Those of them that hold it.</param>
/// <param name="Pending">The others, in order.</param>
/// <param name="Silent">Proxies that have not answered for too long and did not hold it when they last did.</param>
/// <param name="Refusing">The first that refused its config, if any.</param>
/// <param name="Refusal">Why it did.</param>
internal sealed record ProxyCount(int Targeted, int Applied, ImmutableArray<string> Pending, ImmutableArray<string> Silent, string? Refusing, RefusedConfig? Refusal)
{
    public const int Named = 5;

    public string Ratio => $"{Applied}/{Targeted}";

    /// <summary>The first few by name, and how many more.</summary>
    public static string Names(ImmutableArray<string> pods) =>
        string.Join(", ", pods.Take(Named)) + (pods.Length > Named ? $" and {pods.Length - Named} more" : "");
}
