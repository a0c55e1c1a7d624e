using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What representation a client asks for: the first alternative of its Accept header that this server has.</summary>
internal sealed record ResponseFormat(RepresentationKind Kind, string MediaType, bool Yaml, string MetaVersion)
{
    public static ResponseFormat Json { get; } = new(RepresentationKind.Object, "application/json", false, "v1");

    /// <summary>Whole objects in JSON: the form they rest in.</summary>
    public bool IsPlain => Kind == RepresentationKind.Object && !Yaml;

    /// <summary>Null when the client takes nothing that we have.</summary>
    public static ResponseFormat? Choose(HttpRequest request, bool watch)
    {
        var accept = request.Headers.Accept.ToString();
        if (accept.Length == 0)
            return Json;
        foreach (var alternative in accept.Split(','))
        {
            var parts = alternative.Split(';', StringSplitOptions.TrimEntries);
            if (Match(parts, watch) is { } found)
                return found;
        }

        return null;
    }

    private static ResponseFormat? Match(string[] parts, bool watch)
    {
        var yaml = parts[0] is "application/yaml" && !watch;
        if (!yaml && parts[0] is not ("application/json" or "*/*" or "application/*"))
            return null;
        string? representation = null, group = "meta.k8s.io", version = "v1";
        foreach (var parameter in parts.Skip(1))
        {
            var pair = parameter.Split('=', 2);
            switch (pair[0])
            {
                case "as":
                    representation = pair[^1];
                    break;
                case "g":
                    group = pair[^1];
                    break;
                case "v":
                    version = pair[^1];
                    break;
            }
        }

        var kind = representation switch
        {
            null => RepresentationKind.Object,
            "Table" => RepresentationKind.Table,
            "PartialObjectMetadata" or "PartialObjectMetadataList" => RepresentationKind.Metadata,
            _ => (RepresentationKind?)null,
        };
        if (kind is null || (representation is not null && (group != "meta.k8s.io" || version is not ("v1" or "v1beta1"))))
            return null;
        return new ResponseFormat(kind.Value, yaml ? "application/yaml" : "application/json", yaml, version!);
    }
}
