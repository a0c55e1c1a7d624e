using System.CommandLine;
using k8s.Models;

namespace Mesh.Cli.Clusters;

/// <summary>Which pods a command is about: all, those of a namespace, those with labels, or those a user names.</summary>
/// <param name="Namespace">Null: of all namespaces.</param>
/// <param name="Selector">Labels, as kubectl's <c>-l</c>; null: any.</param>
/// <param name="Words">NAME, pod/NAME or deploy/NAME; null: any. Then there is a namespace.</param>
internal sealed record PodScope(string? Namespace, string? Selector, string? Words)
{
    /// <summary>Nothing is left out.</summary>
    public bool IsAll => this is { Namespace: null, Selector: null, Words: null };

    /// <summary>Adds the words that bound it to a command.</summary>
    public static Func<ParseResult, KubernetesCluster, PodScope> AddTo(Command command)
    {
        var space = new Option<string?>("--namespace", "-n") { Description = "Only pods of this namespace (default: of all; with a pod's name: the context's)" };
        var selector = new Option<string?>("--selector", "-l") { Description = "Only pods with these labels, as in app=web,version!=v1" };
        var pod = new Argument<string?>("pod") { Description = "Only this one: NAME, pod/NAME or deploy/NAME", Arity = ArgumentArity.ZeroOrOne };
        command.Options.Add(space);
        command.Options.Add(selector);
        command.Arguments.Add(pod);
        command.Validators.Add(result =>
        {
            if (result.GetValue(pod) is not null && result.GetValue(selector) is not null) result.AddError("name a pod or give --selector, not both");
        });
        return (result, cluster) => new PodScope(result.GetValue(space) ?? (result.GetValue(pod) is null ? null : cluster.Namespace), result.GetValue(selector), result.GetValue(pod));
    }

    /// <summary>The pods, whether they have a sidecar or not.</summary>
    /// <exception cref="KeyNotFoundException">What is named does not exist.</exception>
    public async Task<IReadOnlyList<V1Pod>> PodsAsync(KubernetesCluster cluster, CancellationToken cancellation)
    {
        if (Words is null) return await cluster.CallAsync(api => api.ListAsync<V1Pod>(Namespace, Selector, cancellation));
        var (kind, name) = Words.Split('/', 2) is [var k, var n] ? (k, n) : ("pod", Words);
        switch (kind)
        {
            case "pod" or "pods" or "po":
                var pod = await cluster.CallAsync(api => api.GetAsync<V1Pod>(name, Namespace, cancellation));
                return pod is null ? throw new KeyNotFoundException($"there is no pod {name} in namespace {Namespace} (-n names another)") : [pod];
            case "deploy" or "deployment" or "deployments" or "deployment.apps":
                var deployment = await cluster.CallAsync(api => api.GetAsync<V1Deployment>(name, Namespace, cancellation))
                    ?? throw new KeyNotFoundException($"there is no Deployment {name} in namespace {Namespace} (-n names another)");
                return await cluster.CallAsync(api => api.ListAsync<V1Pod>(Namespace, SelectorOf(deployment.Spec.Selector), cancellation));
            default:
                throw new KeyNotFoundException($"{Words}: only pods (NAME or pod/NAME) and Deployments (deploy/NAME) can be named here");
        }
    }

    internal static string SelectorOf(V1LabelSelector selector) => string.Join(',',
    [
        .. (selector.MatchLabels ?? new Dictionary<string, string>()).Select(label => $"{label.Key}={label.Value}"),
        .. (selector.MatchExpressions ?? []).Select(one => one.OperatorProperty switch
        {
            "In" => $"{one.Key} in ({string.Join(',', one.Values)})",
            "NotIn" => $"{one.Key} notin ({string.Join(',', one.Values)})",
            "DoesNotExist" => $"!{one.Key}",
            _ => one.Key,
        }),
    ]);
}
