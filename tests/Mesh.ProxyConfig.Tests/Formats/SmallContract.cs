using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Mesh.Config.Formats;

namespace Mesh.ProxyConfig.Tests.Formats;

/// <summary>A contract with three formats, as small as can be.</summary>
public sealed record SmallTable
{
    public required string Name { get; init; }

    public ImmutableArray<SmallRoute> Routes { get; init; } = [];
}

public sealed record SmallRoute
{
    public string Origin { get; init; } = "";

    public string? To { get; init; }

    [Since(2)]
    public SmallShare? Share { get; init; }

    [Since(3)]
    public string? Note { get; init; }

    [Since(3, WithoutIt = WithoutIt.Refuses)]
    public string? Guard { get; init; }

    public SmallWay Way { get; init; }

    public ImmutableArray<SmallWay> Ways { get; init; } = [];

    public ImmutableSortedDictionary<string, SmallWay> Named { get; init; } = ImmutableSortedDictionary<string, SmallWay>.Empty;

    /// <summary>Refuse as this says.</summary>
    public static void Refuse(JsonObject route, string why) => route["to"] = why;
}

public sealed record SmallShare
{
    public int Percent { get; init; }

    [Since(3)]
    public string? Of { get; init; }
}

public enum SmallWay
{
    First,

    [Since(2)]
    Second,

    [Since(3)]
    Third,
}

public sealed record SmallWrong
{
    [Since(2)]
    public required string Must { get; init; }

    [Since(2)]
    public int Count { get; init; }

    public required SmallWayMust Way { get; init; }
}

public sealed record SmallWayMust
{
    public required SmallWay Which { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SmallTable))]
[JsonSerializable(typeof(SmallWrong))]
internal sealed partial class SmallJson : JsonSerializerContext;
