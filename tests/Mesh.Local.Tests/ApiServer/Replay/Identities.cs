using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// Who sends a step. What enters is the `identity` of a transcript ("admin", "sa", "nobody", "bad token", each perhaps "with
/// header X: y, …"); what leaves is the client and the headers by which the server knows that identity.
/// </summary>
internal sealed partial class Identities(ApiServerFixture server, string ns) : IDisposable
{
    private readonly HttpClient without = server.NewClient(kubeconfig: null);
    private string? accountToken;

    public async Task<(HttpClient Client, IReadOnlyList<(string Name, string Value)> Headers)> OfAsync(string? identity)
    {
        var match = Form().Match(identity ?? "admin");
        List<(string, string)> headers = [.. Header().Matches(match.Groups["headers"].Value).Select(one => (one.Groups[1].Value, one.Groups[2].Value.Trim()))];
        switch (match.Groups["who"].Value)
        {
            case "admin":
                return (server.Client, headers);
            case "nobody":
                return (without, headers);
            case "bad token":
                headers.Add(("Authorization", new AuthenticationHeaderValue("Bearer", "bad").ToString()));
                return (without, headers);
            case "sa":
                headers.Add(("Authorization", new AuthenticationHeaderValue("Bearer", await AccountTokenAsync()).ToString()));
                return (without, headers);
            default:
                throw new InvalidOperationException($"a transcript has the unknown identity '{identity}'");
        }
    }

    public void Dispose() => without.Dispose();

    private async Task<string> AccountTokenAsync() => accountToken ??=
        (await server.MustAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts/default/token", new JsonObject { ["spec"] = new JsonObject() }))["status"]!["token"]!.GetValue<string>();

    [GeneratedRegex("^(?<who>.*?)(?: with headers? (?<headers>.*))?$")]
    private static partial Regex Form();

    [GeneratedRegex("([A-Za-z-]+): ([^,]*)")]
    private static partial Regex Header();
}
