using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>Which containers are a mesh's own.</summary>
internal static class Proxies
{
    /// <summary>Name of the container in which proxies of Istio run, and what a template of a gateway calls it.</summary>
    public const string IstioProxy = InjectionPolicy.OthersProxy;

    public static bool IsProxy(V1Container container) => container.Name == IstioProxy || PodInjector.OwnContainers.Contains(container.Name);

    public static bool IsIn(V1PodSpec? spec) => All(spec).Any(IsProxy);

    public static IEnumerable<V1Container> All(V1PodSpec? spec) => (spec?.InitContainers ?? []).Concat(spec?.Containers ?? []);
}
