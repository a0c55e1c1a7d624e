using System.Collections;

namespace Mesh.Sidecar;

/// <summary>Header fields in memory.</summary>
public sealed class HeaderList : IHeaders
{
    private readonly List<KeyValuePair<string, string>> lines = [];

    /// <inheritdoc/>
    public string? Get(string name)
    {
        string? value = null;
        foreach (var line in lines)
        {
            if (line.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) value = value is null ? line.Value : $"{value},{line.Value}";
        }

        return value;
    }

    /// <inheritdoc/>
    public void Set(string name, string value)
    {
        Remove(name);
        Append(name, value);
    }

    /// <inheritdoc/>
    public void Append(string name, string value) => lines.Add(new(name, value));

    /// <summary>Adds a line (collection initialiser).</summary>
    public void Add(string name, string value) => Append(name, value);

    /// <inheritdoc/>
    public bool Remove(string name) => lines.RemoveAll(line => line.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) > 0;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
