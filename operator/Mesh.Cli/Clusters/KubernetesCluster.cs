using System.Net;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using Mesh.Local;
using Mesh.Operator.Runtime;
using YamlDotNet.Core;

namespace Mesh.Cli.Clusters;

/// <summary>
/// A cluster as its user sees it, through its API alone: objects by <see cref="Api"/>, ports of pods by <see cref="AskAsync"/>.
/// A mesh of this machine is one like any other. What leaves when something is refused is an <see cref="IOException"/> in the API
/// server's words, which name verb, resource and namespace.
/// </summary>
internal sealed class KubernetesCluster : IDisposable
{
    private readonly Kubernetes _streams;

    private KubernetesCluster(KubernetesClientConfiguration configuration, string flags)
    {
        Flags = flags;
        Namespace = configuration.Namespace is { Length: > 0 } space ? space : "default";
        Api = new KubernetesApi(configuration, TimeProvider.System, "mesh-cli");
        _streams = new Kubernetes(configuration);
    }

    public KubernetesApi Api { get; }

    /// <summary>The namespace that kubectl would take, of the context.</summary>
    public string Namespace { get; }

    /// <summary>The words that name it again on a command line, after a space; empty where none were needed.</summary>
    public string Flags { get; }

    /// <summary>
    /// A mesh of this machine that is named; else the kubeconfig and context that are; else what KUBECONFIG says; else the
    /// machine's mesh <c>default</c> if it runs; else the cluster this process is a pod of; else ~/.kube/config.
    /// </summary>
    /// <exception cref="IOException">There is none.</exception>
    public static KubernetesCluster Open(string? name, string? context = null, string? kubeconfig = null)
    {
        var flags = (name is null ? "" : $" --name {name}") + (kubeconfig is null ? "" : $" --kubeconfig {kubeconfig}") + (context is null ? "" : $" --context {context}");
        try
        {
            return new KubernetesCluster(name is null ? Configuration(context, kubeconfig) : OfMachine(name), flags);
        }
        catch (Exception e) when (e is KubeConfigException or YamlException or FileNotFoundException)
        {
            throw new IOException($"no cluster to look at: {e.Message.TrimEnd('.')}. Name a mesh of this machine with --name, or a kubeconfig with --kubeconfig or KUBECONFIG", e);
        }
    }

    /// <summary>What the call gives; a refusal of the API server as a sentence.</summary>
    public async Task<T> CallAsync<T>(Func<KubernetesApi, Task<T>> call)
    {
        try
        {
            return await call(Api);
        }
        catch (ApiException e)
        {
            throw new IOException($"{Api.Server}: {e.Message}{(e.Code == HttpStatusCode.Forbidden ? $". Which rights each command needs: {Rights}" : "")}", e);
        }
    }

    /// <summary>A page of a port of the pod, by the API server as `kubectl port-forward` does it: also of ports on the pod's loopback.</summary>
    /// <exception cref="IOException">There is no answer; the message says why.</exception>
    public Task<byte[]> AskAsync(EntityKey pod, int port, string page, CancellationToken cancellation) => PodPages.GetAsync(_streams, pod, port, page, cancellation);

    public void Dispose()
    {
        Api.Dispose();
        _streams.Dispose();
    }

    internal const string Rights = "docs/install.md#the-mesh-command";

    private static KubernetesClientConfiguration Configuration(string? context, string? kubeconfig)
    {
        if (kubeconfig is not null) return KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig, context);
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } paths) return KubernetesClientConfiguration.BuildConfigFromConfigObject(Merged(paths), context);

        if (context is null)
        {
            var own = MeshPaths.For(MeshPaths.DefaultName);
            if (MeshRecord.Read(own.Record) is not null && MeshLock.IsHeld(own)) return OfMachine(own.Name);
            if (KubernetesClientConfiguration.IsInCluster()) return KubernetesClientConfiguration.InClusterConfig();
        }

        return KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: context);
    }

    // As kubectl does it: of each name the first counts, and files of the list may be missing as long as one is there.
    private static K8SConfiguration Merged(string paths)
    {
        var files = paths.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = files.Where(File.Exists).ToList();
        if (found.Count == 0) throw new FileNotFoundException($"KUBECONFIG names {paths}, and there is no such file");
        var read = found.Select(file => KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(file))).ToList();
        var merged = read[0];
        merged.CurrentContext = read.Select(one => one.CurrentContext).FirstOrDefault(current => !string.IsNullOrEmpty(current));
        merged.Contexts = [.. read.SelectMany(one => one.Contexts ?? []).DistinctBy(one => one.Name)];
        merged.Clusters = [.. read.SelectMany(one => one.Clusters ?? []).DistinctBy(one => one.Name)];
        merged.Users = [.. read.SelectMany(one => one.Users ?? []).DistinctBy(one => one.Name)];
        return merged;
    }

    private static KubernetesClientConfiguration OfMachine(string name)
    {
        var paths = MeshPaths.For(name);
        CommonOptions.Running(paths);
        return KubernetesClientConfiguration.BuildConfigFromConfigFile(paths.Kubeconfig);
    }
}
