using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// What representation a client asks for: the best alternative of its Accept header that this server has. What it takes of
/// protobuf is for Statuses only; objects are not kept in it.
/// </summary>
internal sealed record ResponseFormat(RepresentationKind Kind, string MediaType, bool Yaml, string MetaVersion)
{
    private const string Types = "application/json, application/yaml";
    private const string Protobuf = ", application/vnd.kubernetes.protobuf";
    private const string Streams = "application/json;stream=watch";

    public static ResponseFormat Json { get; } = new(RepresentationKind.Object, "application/json", false, "v1");

    /// <summary>Whole objects in JSON: the form they rest in.</summary>
    public bool IsPlain => Kind == RepresentationKind.Object && !Yaml;

    public bool MetadataOnly => Kind is RepresentationKind.Metadata or RepresentationKind.MetadataList;

    public static ResponseFormat OfObject(ApiRequest request)
    {
        var format = Choose(request.Context.Request, watch: false) ?? throw NotAcceptable(request, watch: false);
        return format.Kind == RepresentationKind.MetadataList
            ? throw WrongShape("PartialObjectMetadataList", "not a list", request, request.Resource.Kind)
            : format;
    }

    public static ResponseFormat OfList(ApiRequest request)
    {
        var format = Choose(request.Context.Request, watch: false) ?? throw NotAcceptable(request, watch: false);
        return format.Kind == RepresentationKind.Metadata
            ? throw WrongShape("PartialObjectMetadata", "a list", request, request.Resource.ListKind)
            : format;
    }

    public static ResponseFormat OfWatch(ApiRequest request) =>
        Choose(request.Context.Request, watch: true) ?? throw NotAcceptable(request, watch: true);

    /// <summary>Null when the client takes nothing that we have.</summary>
    public static ResponseFormat? Choose(HttpRequest request, bool watch)
    {
        var accept = request.Headers.Accept.ToString();
        if (accept.Length == 0)
            return Json;
        return accept.Split(',')
            .Select(alternative => alternative.Split(';', StringSplitOptions.TrimEntries))
            .OrderByDescending(Quality)
            .Select(parts => Match(parts, watch))
            .FirstOrDefault(found => found is not null);
    }

    private static double Quality(string[] parts) =>
        parts.FirstOrDefault(part => part.StartsWith("q=", StringComparison.Ordinal)) is { } given
        && double.TryParse(given.AsSpan(2), CultureInfo.InvariantCulture, out var quality) ? quality : 1;

    private static ResponseFormat? Match(string[] parts, bool watch)
    {
        var yaml = parts[0] is "application/yaml" && !watch;
        if (!yaml && parts[0] is not ("application/json" or "*/*" or "application/*"))
            return null;
        string Parameter(string name, string otherwise) =>
            parts.Skip(1).LastOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? otherwise;
        var (representation, version) = (Parameter("as", ""), Parameter("v", "v1"));
        RepresentationKind? kind = representation switch
        {
            "" => RepresentationKind.Object,
            "Table" => RepresentationKind.Table,
            "PartialObjectMetadata" => RepresentationKind.Metadata,
            "PartialObjectMetadataList" => RepresentationKind.MetadataList,
            _ => null,
        };
        if (kind is null || (representation.Length > 0 && (Parameter("g", "meta.k8s.io") != "meta.k8s.io" || version is not ("v1" or "v1beta1"))))
            return null;
        return new ResponseFormat(kind.Value, yaml ? "application/yaml" : "application/json", yaml, version);
    }

    /// <summary>
    /// A media type that is not served at all is refused in other words than a form of one that is; definitions of users are
    /// never asked the first way.
    /// </summary>
    private static StatusException NotAcceptable(ApiRequest request, bool watch)
    {
        var custom = request.Resource.IsCustom;
        var list = request.Name.Length == 0;
        var known = request.Context.Request.Headers.Accept.ToString().Split(',').Any(one =>
            one.Split(';')[0].Trim() is "application/json" or "application/yaml" or "application/vnd.kubernetes.protobuf" or "*/*" or "application/*");
        if (!known && !custom)
        {
            var all = Types + Protobuf + (list ? $", {Streams}, application/vnd.kubernetes.protobuf;stream=watch" : "");
            return new StatusException(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {all}", []);
        }

        var served = watch
            ? Streams + (custom ? "" : ", application/vnd.kubernetes.protobuf;stream=watch")
            : Types + (custom ? "" : Protobuf);
        return new StatusException(406, "NotAcceptable", "only the following media types are accepted: " + served);
    }

    /// <summary>Names the Go type that Kubernetes names here.</summary>
    private static StatusException WrongShape(string asked, string shape, ApiRequest request, string kind)
    {
        var package = request.Resource.Group.Length == 0 ? "core" : request.Resource.Group.Split('.')[0];
        var type = request.Resource.IsCustom ? "unstructured.Unstructured" + (shape == "a list" ? "List" : "") : $"{package}.{kind}";
        return new StatusException(406, "NotAcceptable", $"you requested {asked}, but the requested object is {shape} (*{type})");
    }
}
