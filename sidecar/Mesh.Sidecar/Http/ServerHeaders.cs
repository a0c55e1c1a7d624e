using System.Collections;
using Microsoft.Extensions.Primitives;

namespace Mesh.Sidecar.Http;

/// <summary>The server's own header dictionary, seen as the pipeline sees headers; nothing is copied.</summary>
public sealed class ServerHeaders(IHeaderDictionary headers) : IHeaders
{
    public string? Get(string name)
    {
        var values = headers[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0] ?? "",
            _ => string.Join(',', (IEnumerable<string?>)values),
        };
    }

    public void Set(string name, string value) => headers[name] = value;

    public void Append(string name, string value) => headers[name] = StringValues.Concat(headers[name], value);

    public bool Remove(string name) => headers.Remove(name);

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        foreach (var (name, values) in headers)
        {
            foreach (var value in values) yield return new(name, value ?? "");
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
