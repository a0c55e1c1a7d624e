using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>How bad a finding is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
public enum Severity
{
    /// <summary>Worth knowing; everything works.</summary>
    [JsonStringEnumMemberName("info")]
    Info,

    /// <summary>Something written has no effect or not the usual one; the rest works.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>The object, or the named part of it, does not work.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}
