using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Operator.Core.Analysis.Gateways;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Security;

/// <summary>Routes by claims of a token at gateways that look at none (IST0149).</summary>
internal sealed class ClaimRoutes : IAnalyser
{
    private const string Claims = "@request.auth.claims";

    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var book = new GatewayBook(mesh);
        var policies = mesh.Of<RequestAuthenticationSpec>().ToList();
        foreach (var entry in mesh.Parts.Rules.Entries)
        {
            if (Claim(entry.Rule.Spec) is not { } path) continue;
            foreach (var written in entry.Rule.Spec.Gateways.Where(gateway => gateway != MeshNames.MeshGateway))
            {
                if (book.Find(GatewayBook.Resolve(written, entry.Rule.Namespace)) is not { } gateway) continue;
                if (book.Pods(gateway).All(pod => policies.Any(policy => IsFor(policy, pod.Namespace, pod.Labels, mesh.Snapshot.Settings.RootNamespace)))) continue;
                yield return Found.Error(FindingCodes.JwtClaimBasedRoutingWithoutRequestAuthN, entry.Rule.Key.ToString(), path, written,
                    $"The route depends on a claim of a token, and no RequestAuthentication has the pods of Gateway {written} look at tokens: it never matches.", "Write a RequestAuthentication that selects these pods.");
            }
        }
    }

    private static string? Claim(VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Http.Count; i++)
            for (var j = 0; j < spec.Http[i].Match.Count; j++)
                foreach (var (name, field) in spec.Http[i].Match[j].Headers.Keys.Select(key => (key, "headers")).Concat(spec.Http[i].Match[j].WithoutHeaders.Keys.Select(key => (key, "withoutHeaders"))))
                    if (name.StartsWith(Claims, StringComparison.OrdinalIgnoreCase)) return $"spec.http[{i}].match[{j}].{field}[{name}]";
        return null;
    }

    private static bool IsFor(Written<RequestAuthenticationSpec> policy, string space, LabelSet labels, string root) =>
        (policy.Namespace == space || policy.Namespace == root) && labels.Satisfies(LabelSet.Of(policy.Spec.Selector?.MatchLabels));
}
