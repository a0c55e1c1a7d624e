using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using k8s.Models;
using Mesh.Api.Validation;

namespace Mesh.Api.Generator;

/// <summary>The reference page of one kind.</summary>
public sealed class ReferenceWriter(Type kind, XmlDocs docs)
{
    private readonly KubernetesEntityAttribute entity = kind.GetCustomAttribute<KubernetesEntityAttribute>()!;
    private readonly CustomResourceAttribute resource = kind.GetCustomAttribute<CustomResourceAttribute>()!;
    private readonly StringBuilder text = new();
    private readonly HashSet<Type> written = [];
    private readonly Queue<Type> pending = new();
    private readonly ILookup<PropertyInfo, string> places = Places(kind.GetProperty("Spec")!.PropertyType, "spec").ToLookup(p => p.Property, p => p.Path);

    /// <summary>The whole page.</summary>
    public string Write()
    {
        text.Append($"# {entity.Kind}\n\n<!-- Generated from crds/Mesh.Api by `make manifests`. Do not edit. -->\n\n{docs.Of(kind)}\n\n");
        text.Append($"Group `{entity.Group}`, served as {string.Join(", ", resource.Versions.Select(v => $"`{v}`"))}; ");
        text.Append($"{(resource.ShortName.Length > 0 ? $"short name `{resource.ShortName}`" : "no short name")}; in {string.Join(", ", resource.Categories.Select(c => $"`kubectl get {c}`"))}.\n\n");
        text.Append("Columns of `kubectl get`:\n\n| column | shows |\n|---|---|\n");
        foreach (var column in kind.GetCustomAttributes<PrinterColumnAttribute>())
            text.Append($"| {column.Name.ToUpperInvariant()}{(column.Priority > 0 ? " (`-o wide`)" : "")} | {column.Description} |\n");

        Enqueue(kind.GetProperty("Spec")!.PropertyType);
        Enqueue(kind.GetProperty("Status")!.PropertyType);
        while (pending.TryDequeue(out var type))
            WriteType(type);
        return text.ToString();
    }

    private void Enqueue(Type type)
    {
        if (ApiFields.IsObject(type) && written.Add(type))
            pending.Enqueue(type);
    }

    private void WriteType(Type type)
    {
        text.Append($"\n## {type.Name}\n\n{docs.Of(type)}\n\n| field | type | meaning |\n|---|---|---|\n");
        foreach (var property in ApiFields.Of(type))
        {
            var inner = Innermost(property.PropertyType);
            Enqueue(inner);
            text.Append($"| `{ApiFields.NameOf(property)}` | {Describe(property.PropertyType)} | {Meaning(property)} |\n");
        }
    }

    private string Meaning(PropertyInfo property)
    {
        var meaning = docs.Of(property);
        if (property.GetCustomAttribute<RequiredAttribute>() is not null)
            meaning = "**Required.** " + meaning;
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            meaning += $" One of {string.Join(", ", allowed.Values.Select(v => $"`{v}`"))}.";
        return (meaning + NotYet(property)).Replace("|", "\\|", StringComparison.Ordinal);
    }

    // A type may stand at several places; what works at one of them is not called missing.
    private string NotYet(PropertyInfo property)
    {
        var notYet = SupportedFields.Of(entity.Kind).NotYet;
        var paths = places[property].ToArray();
        return paths.Length > 0 && paths.All(notYet.ContainsKey) ? $" *Not acted on yet: {notYet[paths[0]]}*" : "";
    }

    private static IEnumerable<(PropertyInfo Property, string Path)> Places(Type type, string path)
    {
        foreach (var property in ApiFields.Of(type))
        {
            var at = $"{path}.{ApiFields.NameOf(property)}";
            yield return (property, at);
            var inner = Innermost(property.PropertyType);
            foreach (var below in ApiFields.IsObject(inner) ? Places(inner, at) : [])
                yield return below;
        }
    }

    private static Type Innermost(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return (ApiFields.ListElement(type) ?? ApiFields.MapValue(type)) is { } inner ? Innermost(inner) : type;
    }

    private static string Describe(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ApiFields.ListElement(type) is { } element)
            return "list of " + Describe(element);
        if (ApiFields.MapValue(type) is { } value)
            return "map to " + Describe(value);
        if (ApiFields.IsObject(type))
            return $"[{type.Name}](#{type.Name.ToLowerInvariant()})";
        return type.Name switch
        {
            nameof(Int32) or nameof(Int64) => "whole number",
            nameof(Double) => "number",
            nameof(Boolean) => "true or false",
            nameof(Duration) => "duration",
            nameof(DateTimeOffset) => "time",
            _ => "text",
        };
    }
}
