using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mesh.Local.Node;

/// <summary>The containers that run, a small file each under the mesh's state: `mesh exec` finds its way without asking anybody.</summary>
public sealed partial class RunningContainers(string directory)
{
    public void Add(RunningContainer container)
    {
        var path = PathOf(container.Namespace, container.Pod, container.Container);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(container, LocalJson.Default.RunningContainer));
        File.Move(path + ".new", path, overwrite: true);
    }

    public void Remove(string ns, string pod, string container)
    {
        var path = PathOf(ns, pod, container);
        if (File.Exists(path)) File.Delete(path);
    }

    public void RemovePod(string ns, string pod)
    {
        var path = Path.Combine(directory, ns, pod);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    /// <summary>
    /// The container of the pod named (its default one when <paramref name="container"/> is null). "pod/NAME" and "deploy/NAME"
    /// are understood; of a Deployment's pods the first is taken.
    /// </summary>
    /// <exception cref="KeyNotFoundException">None runs; the message says what does.</exception>
    public RunningContainer Find(string ns, string pod, string? container)
    {
        var found = Pod(ns, pod);
        var containers = Read(Path.Combine(directory, ns, found));
        var chosen = container is null
            ? containers.FirstOrDefault(c => c.IsDefault)
            : containers.FirstOrDefault(c => c.Container == container);
        if (chosen is not null && ProcessLedger.StartOf(chosen.Pid) == chosen.Started) return chosen;
        throw new KeyNotFoundException($"pod {ns}/{found} has no running container{(container is null ? "" : $" \"{container}\"")}; running: {string.Join(", ", containers.Select(c => c.Container).Order())}");
    }

    /// <summary>The name of a pod that runs here, from the words a user has for it.</summary>
    public string Pod(string ns, string words)
    {
        var below = Path.Combine(directory, ns);
        var pods = Directory.Exists(below) ? Directory.GetDirectories(below).Where(d => Directory.EnumerateFiles(d).Any()).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ToList() : [];
        var (kind, name) = words.Split('/', 2) is [var k, var n] ? (k, n) : ("pod", words);
        var found = kind switch
        {
            "pod" or "pods" or "po" => pods.FirstOrDefault(p => p == name),
            "deploy" or "deployment" or "deployments" or "deployment.apps" => pods.FirstOrDefault(p => p.StartsWith(name + "-", StringComparison.Ordinal) && Generated.IsMatch(p.AsSpan(name.Length))),
            _ => throw new KeyNotFoundException($"{words}: only pods (NAME or pod/NAME) and deployments (deploy/NAME) can be named here"),
        };
        return found ?? throw new KeyNotFoundException($"no pod {words} runs in namespace {ns}{(pods.Count == 0 ? "" : "; running: " + string.Join(", ", pods))}");
    }

    private static List<RunningContainer> Read(string podDirectory) =>
        [.. Directory.GetFiles(podDirectory, "*.json").Select(Parse).OfType<RunningContainer>()];

    private static RunningContainer? Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), LocalJson.Default.RunningContainer);
        }
        catch (FileNotFoundException)
        {
            return null; // It ended while we looked.
        }
    }

    private string PathOf(string ns, string pod, string container) => Path.Combine(directory, ns, pod, container + ".json");

    /// <summary>What a ReplicaSet's hash and a generated name add to a Deployment's name.</summary>
    [GeneratedRegex("^-[a-z0-9]{8,10}-[a-z0-9]{5}$")]
    private static partial Regex Generated { get; }
}
