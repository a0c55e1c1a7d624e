using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Resources;

/// <summary>
/// A kind the server serves, built in or defined by a CustomResourceDefinition, in all its versions. What enters a request
/// handler about a kind is this and nothing else, so a custom kind needs no other code than a built-in one.
/// </summary>
internal sealed record ApiResource
{
    public required string Group { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public string ListKind
    {
        get => field ?? Kind + "List";
        init;
    }

    public bool Namespaced { get; init; } = true;

    public ImmutableArray<string> ShortNames { get; init; } = [];

    public ImmutableArray<string> Categories { get; init; } = [];

    public required ImmutableArray<ServedVersion> Versions { get; init; }

    /// <summary>Subresources beside status and scale, which stand on the version: "log", "binding", "token", …</summary>
    public ImmutableArray<string> Actions { get; init; } = [];

    /// <summary>Empty: everything. Otherwise the kind can only be asked, not stored ("create" for reviews).</summary>
    public ImmutableArray<string> Verbs { get; init; } = StoredVerbs;

    public bool IsCustom { get; init; }

    /// <summary>Cancelled when the kind is defined anew: who watches it as it was begins again.</summary>
    public CancellationToken Redefined { get; init; }

    /// <summary>Why nothing here goes by this kind; null where something does.</summary>
    public string? WithoutEffect { get; init; }

    /// <summary>Two groups may show the same stored objects (core and events.k8s.io Events).</summary>
    public string? StoredAs { get; init; }

    public string StoreId => StoredAs ?? GroupResource;

    public string GroupResource => Group.Length == 0 ? Plural : Plural + "." + Group;

    public ServedVersion StorageVersion => Versions.First(version => version.Storage);

    public string StorageApiVersion => ApiVersionOf(StorageVersion.Name);

    public bool IsStored => Verbs.Contains("get");

    public string ApiVersionOf(string version) => Group.Length == 0 ? version : Group + "/" + version;

    public ServedVersion? Version(string name) =>
        Versions.FirstOrDefault(version => version.Served && version.Name == name);

    public static readonly ImmutableArray<string> StoredVerbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
}
