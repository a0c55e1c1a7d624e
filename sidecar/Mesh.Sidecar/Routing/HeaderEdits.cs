using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>Changes of headers ready for use: removed, then set, then added.</summary>
public sealed class HeaderEdits
{
    private readonly ImmutableArray<string> removed;
    private readonly ImmutableArray<(string Name, ValueTemplate Value)> set;
    private readonly ImmutableArray<(string Name, ValueTemplate Value)> added;

    private HeaderEdits(ImmutableArray<string> removed, ImmutableArray<HeaderValue> set, ImmutableArray<HeaderValue> added)
    {
        this.removed = removed;
        this.set = Compile(set);
        this.added = Compile(added);
        SetsHost = set.Any(header => header.Name == "host");
    }

    /// <summary>Whether the host is among what is set.</summary>
    public bool SetsHost { get; }

    /// <summary>Those of the request; <c>null</c> where there are none.</summary>
    public static HeaderEdits? OfRequest(HeaderChanges? changes) =>
        changes is null ? null : Of(changes.RequestRemove, changes.RequestSet, changes.RequestAdd);

    /// <summary>Those of the response; <c>null</c> where there are none.</summary>
    public static HeaderEdits? OfResponse(HeaderChanges? changes) =>
        changes is null ? null : Of(changes.ResponseRemove, changes.ResponseSet, changes.ResponseAdd);

    /// <summary>Makes the changes. What has no value (an operator that finds nothing) is not written.</summary>
    public void Apply(IHeaders headers, Exchange exchange)
    {
        foreach (var name in removed) headers.Remove(name);
        foreach (var (name, template) in set)
        {
            if (template.Fill(exchange) is { Length: > 0 } value) headers.Set(name, value);
        }

        foreach (var (name, template) in added)
        {
            if (template.Fill(exchange) is { Length: > 0 } value) headers.Append(name, value);
        }
    }

    private static HeaderEdits? Of(ImmutableArray<string> removed, ImmutableArray<HeaderValue> set, ImmutableArray<HeaderValue> added)
    {
        removed = removed.RemoveAll(HeaderChanges.IsOfConnection);
        set = set.RemoveAll(header => HeaderChanges.IsOfConnection(header.Name));
        added = added.RemoveAll(header => HeaderChanges.IsOfConnection(header.Name));
        return removed.IsEmpty && set.IsEmpty && added.IsEmpty ? null : new HeaderEdits(removed, set, added);
    }

    private static ImmutableArray<(string, ValueTemplate)> Compile(ImmutableArray<HeaderValue> headers) =>
        [.. headers.Select(header => (header.Name, new ValueTemplate(header.Value)))];
}
