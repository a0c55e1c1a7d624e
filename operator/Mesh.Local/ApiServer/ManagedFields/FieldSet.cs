using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>
/// A set of places in an object, as a tree. Steps are written as Kubernetes writes them in fieldsV1: "f:name" a field,
/// "k:{…}" a list's item by key, "v:…" by value. A node is a member or only on the way to members.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> children = new(StringComparer.Ordinal);

    /// <summary>Whether the place itself belongs to the set.</summary>
    public bool IsMember { get; set; }

    public bool IsEmpty => !IsMember && children.Count == 0;

    public IEnumerable<KeyValuePair<string, FieldSet>> Children => children;

    public FieldSet? Child(string step) => children.GetValueOrDefault(step);

    /// <summary>The child at this step, made when it is not there. An empty one left over is dropped by <see cref="Trim"/>.</summary>
    public FieldSet At(string step)
    {
        if (!children.TryGetValue(step, out var child))
            children[step] = child = new FieldSet();
        return child;
    }

    /// <summary>Places a set under a step; what is there already is added to.</summary>
    public void Put(string step, FieldSet child)
    {
        if (children.TryGetValue(step, out var known))
            known.Add(child);
        else
            children[step] = child;
    }

    public FieldSet Copy() => new FieldSet().Add(this);

    /// <summary>Adds all places of another set to this one.</summary>
    public FieldSet Add(FieldSet other)
    {
        IsMember |= other.IsMember;
        foreach (var (step, child) in other.children)
            At(step).Add(child);
        return this;
    }

    public FieldSet Minus(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember && !other.IsMember };
        foreach (var (step, child) in children)
        {
            var rest = other.Child(step) is { } taken ? child.Minus(taken) : child.Copy();
            if (!rest.IsEmpty)
                result.children[step] = rest;
        }

        return result;
    }

    public FieldSet And(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (step, child) in children)
        {
            if (other.Child(step) is { } both && child.And(both) is { IsEmpty: false } common)
                result.children[step] = common;
        }

        return result;
    }

    public FieldSet Trim()
    {
        foreach (var (step, child) in children.ToList())
        {
            if (child.Trim().IsEmpty)
                children.Remove(step);
        }

        return this;
    }

    /// <summary>Every member as its steps from the root.</summary>
    public IEnumerable<IReadOnlyList<string>> Members()
    {
        if (IsMember)
            yield return [];
        foreach (var (step, child) in children)
        {
            foreach (var rest in child.Members())
                yield return [step, .. rest];
        }
    }

    public JsonObject ToJson()
    {
        var result = new JsonObject();
        if (IsMember && children.Count > 0)
            result["."] = new JsonObject();
        foreach (var (step, child) in children)
            result[step] = child.ToJson();
        return result;
    }

    public static FieldSet FromJson(JsonObject json) => FromJson(json, root: true);

    private static FieldSet FromJson(JsonObject json, bool root)
    {
        var set = new FieldSet { IsMember = !root && (json.Count == 0 || json.ContainsKey(".")) };
        foreach (var (step, child) in json)
        {
            if (step != "." && child is JsonObject inner)
                set.children[step] = FromJson(inner, root: false);
        }

        return set;
    }
}
