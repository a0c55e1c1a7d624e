using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>What an expression of admission can name, and what it is for a call. The objects stand beside the request, not in it.</summary>
internal static class AdmissionVariables
{
    private static readonly JsonElement Request = JsonAccess.ParseElement("""
        {"type":"object","properties":{
          "kind":{"type":"object","properties":{"group":{"type":"string"},"version":{"type":"string"},"kind":{"type":"string"}}},
          "resource":{"type":"object","properties":{"group":{"type":"string"},"version":{"type":"string"},"resource":{"type":"string"}}},
          "subResource":{"type":"string"},
          "requestKind":{"type":"object","properties":{"group":{"type":"string"},"version":{"type":"string"},"kind":{"type":"string"}}},
          "requestResource":{"type":"object","properties":{"group":{"type":"string"},"version":{"type":"string"},"resource":{"type":"string"}}},
          "requestSubResource":{"type":"string"},"name":{"type":"string"},"namespace":{"type":"string"},"operation":{"type":"string"},
          "userInfo":{"type":"object","properties":{"username":{"type":"string"},"uid":{"type":"string"},"groups":{"type":"array","items":{"type":"string"}},
            "extra":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}}}},
          "dryRun":{"type":"boolean"},"options":{}}}
        """u8.ToArray());

    /// <summary>The variables of every expression, with what is known of their types.</summary>
    public static ImmutableDictionary<string, JsonElement?> Declared { get; } =
        ImmutableDictionary<string, JsonElement?>.Empty.Add("request", Request).Add("object", null).Add("oldObject", null);

    /// <summary>The objects are written out when an expression first names them: most conditions decide by who asks.</summary>
    /// <param name="call">The call.</param>
    /// <param name="version">In which the objects are shown.</param>
    public static Dictionary<string, object?> Of(AdmissionCall call, string version) => new()
    {
        ["request"] = CelValues.From(AdmissionReviewDocument.RequestOf(call, version).ToElement(), null),
        ["object"] = new Lazy<object?>(() => Value(AdmissionReviewDocument.InVersion(call, call.Object?.ToElement(), version))),
        ["oldObject"] = new Lazy<object?>(() => Value(AdmissionReviewDocument.InVersion(call, call.Old?.Json, version))),
    };

    private static object? Value(JsonElement? item) => item is { } found ? CelValues.From(found, null) : null;
}
