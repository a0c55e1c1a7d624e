using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.Networking;

/// <summary>How it is changed.</summary>
public sealed record EnvoyPatchValue
{
    /// <summary>What is done with it.</summary>
    [AllowedValues("INVALID", "MERGE", "ADD", "REMOVE", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST", "REPLACE", "MERGE_AND_REPLACE_LIST")]
    public string? Operation { get; init; }

    /// <summary>What is merged or added, in Envoy's own words.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Where a filter is put.</summary>
    [AllowedValues("UNSPECIFIED", "AUTHN", "AUTHZ", "STATS")]
    public string? FilterClass { get; init; }
}
