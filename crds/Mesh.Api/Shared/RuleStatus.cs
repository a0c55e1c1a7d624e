using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>What the status of every kind holds.</summary>
public abstract record RuleStatus
{
    /// <summary>Accepted, ResolvedRefs, Programmed and Ready; one entry for each type.</summary>
    [ListMapKey("type")]
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>The generation this status speaks about.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public long? ObservedGeneration { get; init; }

    /// <summary>Proxies that hold this generation, of those that should: <c>12/12</c>.</summary>
    public string? Applied { get; init; }

    /// <summary>The same in numbers, with the names of those that do not.</summary>
    public ProxyStatus? Proxies { get; init; }

    /// <summary>Everything that is wrong with the object or does not act as written, errors first.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Where Istio's own analysis writes; read by nobody here and left as it is.</summary>
    public IReadOnlyList<ValidationMessage> ValidationMessages { get; init; } = [];
}
