namespace Mesh.Sidecar;

/// <summary>
/// The header fields of one message, in the order of the wire. Names compare without case. Two implementations: over the
/// server's own header dictionary, and <see cref="HeaderList"/> in memory. Enumerating yields one pair per field line.
/// </summary>
public interface IHeaders : IEnumerable<KeyValuePair<string, string>>
{
    /// <summary>The value, several lines joined by a comma; <c>null</c> when absent.</summary>
    string? Get(string name);

    /// <summary>Replaces every line of this name by one.</summary>
    void Set(string name, string value);

    /// <summary>Adds a line.</summary>
    void Append(string name, string value);

    /// <summary>Removes every line of this name; whether there was one.</summary>
    bool Remove(string name);
}
