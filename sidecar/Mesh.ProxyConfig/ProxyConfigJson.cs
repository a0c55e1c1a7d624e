using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Config;

/// <summary>JSON of the contract: camelCase, enums as words, durations as seconds (<c>"0.25s"</c>), unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true,
    Converters = [typeof(DurationConverter)])]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(WorkloadConfig))]
[JsonSerializable(typeof(MeshSettings))]
[JsonSerializable(typeof(InboundConfig))]
[JsonSerializable(typeof(OutboundConfig))]
[JsonSerializable(typeof(RouteTable))]
[JsonSerializable(typeof(ClusterSet))]
[JsonSerializable(typeof(EndpointSet))]
[JsonSerializable(typeof(ProxyReport))]
[JsonSerializable(typeof(Control.ControlMessage))]
public sealed partial class ProxyConfigJson : JsonSerializerContext
{
    // Lazy: the generated Default may be initialised after the fields of this part.
    private static readonly Lazy<JsonSerializerOptions> Reading = new(() => ReadingOptions(JsonUnmappedMemberHandling.Disallow));
    private static readonly Lazy<JsonSerializerOptions> Listening = new(() => ReadingOptions(JsonUnmappedMemberHandling.Skip));

    /// <summary>
    /// Reads a contract record; members left out take their documented default. Always read through this: the generated
    /// reader by itself sets an init-only member that is left out to zero or <c>null</c>, not to its initialiser.
    /// </summary>
    /// <exception cref="JsonException">The text is not what <typeparamref name="T"/> asks for; says where.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8Json)
        where T : class => Read<T>(utf8Json, Reading.Value);

    /// <summary>
    /// The same for what a sidecar says, who may be newer than this operator: members it does not know are passed over. It only
    /// tells what is so; nothing is let through for what is not understood.
    /// </summary>
    /// <exception cref="JsonException">The text is not what <typeparamref name="T"/> asks for; says where.</exception>
    public static T ReadSaid<T>(ReadOnlySpan<byte> utf8Json)
        where T : class => Read<T>(utf8Json, Listening.Value);

    private static T Read<T>(ReadOnlySpan<byte> utf8Json, JsonSerializerOptions options)
        where T : class
    {
        RefuseNulls(utf8Json);
        return JsonSerializer.Deserialize(utf8Json, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))) ?? throw new JsonException("null is not a value here.");
    }

    // Nothing in the contract is null; what is not given is left out. The reader itself sees nulls only where a member may not
    // be null, not in lists and maps.
    private static void RefuseNulls(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null) throw new JsonException($"null is not a value here (byte {reader.TokenStartIndex}); what is not given is left out.");
        }
    }

    private static JsonSerializerOptions ReadingOptions(JsonUnmappedMemberHandling unknown) => new(Default.Options)
    {
        UnmappedMemberHandling = unknown,
        TypeInfoResolver = Default.WithAddedModifier(KeepDefaults),
    };

    // Objects are made by their own constructor and members set one by one, so that initialisers survive.
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As IL2072.")]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "The generated code calls the same constructors and accessors, so they are kept.")]
    private static void KeepDefaults(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.CreateObject is not null) return;
        if (type.Type.GetConstructor(Type.EmptyTypes) is null) return; // positional records: every member is required
        type.CreateObject = () => Activator.CreateInstance(type.Type)!;
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider is PropertyInfo { CanWrite: true } member) property.Set = member.SetValue;
        }
    }
}
