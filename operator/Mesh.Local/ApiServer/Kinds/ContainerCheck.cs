using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>A container's name and its resources.</summary>
internal static partial class ContainerCheck
{
    public static void Name(List<FieldProblem> problems, string name, string path)
    {
        if (!Label().IsMatch(name))
        {
            problems.Add(FieldProblem.Invalid(path, FieldProblem.Quote(name),
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"));
        }

        if (name.Length > 63)
            problems.Add(FieldProblem.Invalid(path, FieldProblem.Quote(name), "must be no more than 63 bytes"));
    }

    /// <summary>Nothing is requested beyond its limit.</summary>
    public static void Resources(List<FieldProblem> problems, JsonObject? resources, string path)
    {
        foreach (var (name, requested) in resources.Map("requests") ?? [])
        {
            if (resources.At("limits", name) is { } limit && requested is not null && Amount(requested) > Amount(limit))
                problems.Add(FieldProblem.Invalid(path + ".requests", FieldProblem.Quote(requested.ToString()), $"must be less than or equal to {name} limit of {limit}"));
        }
    }

    private static decimal Amount(JsonNode quantity) => new ResourceQuantity(quantity.ToString()).ToDecimal();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
