using System.Collections.Frozen;
using System.Text.Json.Serialization;
using k8s.Models;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// Under which name each of the built-in types is published ("io.k8s.api.core.v1.PodSpec"). The client library does not say to
/// which group a part of a kind belongs, so it belongs to the first group that reaches it, the core group before all others.
/// </summary>
internal static class OpenApiNames
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly FrozenDictionary<Type, string> Special = new Dictionary<Type, string>
    {
        [typeof(ResourceQuantity)] = "io.k8s.apimachinery.pkg.api.resource.Quantity",
        [typeof(IntOrString)] = "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<Type> MetaTypes = FrozenSet.ToFrozenSet([
        typeof(V1ObjectMeta), typeof(V1ListMeta), typeof(V1OwnerReference), typeof(V1ManagedFieldsEntry), typeof(V1LabelSelector),
        typeof(V1LabelSelectorRequirement), typeof(V1Condition), typeof(V1Status), typeof(V1StatusDetails), typeof(V1StatusCause),
        typeof(V1DeleteOptions), typeof(V1Preconditions), typeof(V1APIResource), typeof(V1APIResourceList), typeof(V1WatchEvent)]);

    /// <summary>Parts that are asked of a kind without being kinds of a table.</summary>
    private static readonly (string Group, Type Type)[] Others =
    [
        ("", typeof(V1Binding)), ("autoscaling", typeof(V1Scale)), ("policy", typeof(V1Eviction)), ("authentication.k8s.io", typeof(Authenticationv1TokenRequest)),
    ];

    private static readonly Lazy<FrozenDictionary<Type, string>> Names = new(Build);

    public static string Time => Meta + "Time";

    public static string MicroTime => Meta + "MicroTime";

    public static string FieldsV1 => Meta + "FieldsV1";

    public static string Patch => Meta + "Patch";

    public static string RawExtension => "io.k8s.apimachinery.pkg.runtime.RawExtension";

    public static string Of(Type type) => Special.GetValueOrDefault(type) ?? Names.Value[type];

    /// <summary>A user's kind: its group backwards, then version and kind.</summary>
    public static string Of(ApiResource custom, string version) =>
        string.Join('.', custom.Group.Split('.').Reverse()) + "." + version + "." + custom.Kind;

    private static FrozenDictionary<Type, string> Build()
    {
        var names = new Dictionary<Type, string>();
        foreach (var type in MetaTypes)
            Reach(names, type, "io.k8s.apimachinery.pkg.apis.meta");
        var kinds = BuiltInResources.All.Concat(UnusedResources.All).OrderBy(resource => GroupOrder.Of(resource.Group))
            .SelectMany(resource => resource.Versions.SelectMany(version => TypesOf(resource, version.Name)));
        foreach (var (group, type) in kinds.Concat(Others).OrderBy(pair => pair.Group.Length > 0))
            Reach(names, type, PackageOf(group));
        return names.ToFrozenDictionary();
    }

    public static IEnumerable<(string Group, Type Type)> TypesOf(ApiResource resource, string version) =>
        ((string[])[resource.Kind, resource.ListKind]).Select(kind => BuiltInSchemas.TypeOf(resource.Group, version, kind)).OfType<Type>()
            .Select(type => (resource.Group, type));

    private static void Reach(Dictionary<Type, string> names, Type type, string package)
    {
        if (names.ContainsKey(type) || Special.ContainsKey(type))
            return;
        names[type] = $"{package}.{(type.Name.StartsWith("V2", StringComparison.Ordinal) ? "v2" : "v1")}.{BuiltInSchemas.NameOf(type)}";
        foreach (var property in type.GetProperties().Where(property => property.IsDefined(typeof(JsonPropertyNameAttribute), inherit: false)))
        {
            if (OpenApiTypes.ModelIn(property.PropertyType) is { } part)
                Reach(names, part, package);
        }
    }

    private static string PackageOf(string group) => group switch
    {
        "" => "io.k8s.api.core",
        "apiextensions.k8s.io" => "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
        "apiregistration.k8s.io" => "io.k8s.kube-aggregator.pkg.apis.apiregistration",
        _ => "io.k8s.api." + group.Split('.')[0],
    };
}
