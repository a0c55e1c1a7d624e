namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>Who owns fields: a name, how it writes (Apply or Update), in which version, and through which subresource.</summary>
internal sealed record Manager(string Name, string Operation, string ApiVersion, string Subresource)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    /// <summary>As a conflict names it.</summary>
    public string Described => $"\"{Name}\""
        + (Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "")
        + (Operation == Update ? $" using {ApiVersion}" : "");
}
