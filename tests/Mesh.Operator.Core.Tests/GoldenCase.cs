using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Api;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>
/// One folder of testdata: <c>input.yaml</c> goes in; the config of one pod of each workload (<c>expected/WORKLOAD.json</c>)
/// and the status of each rule once every proxy holds the plan (<c>expected.status.yaml</c>) come out. What the operator read
/// of Secrets stands in <c>credentials.yaml</c>.
/// </summary>
internal sealed class GoldenCase
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string folder;

    public GoldenCase(string name)
    {
        folder = Path.Combine(Root(), name);
        Snapshot = Cluster.Of(File.ReadAllText(Path.Combine(folder, "input.yaml"))) with { Credentials = Credentials().ToImmutableSortedDictionary() };
        Plan = MeshPlanner.Plan(Snapshot);
    }

    public MeshSnapshot Snapshot { get; }

    public MeshPlan Plan { get; }

    /// <summary>Whether <c>MESH_GOLDEN=write</c> asks for the expected files to be written anew.</summary>
    public static bool Rewrites => Environment.GetEnvironmentVariable("MESH_GOLDEN") == "write";

    public static IEnumerable<string> Names() => Directory.GetDirectories(Root()).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>The first pod of a workload.</summary>
    public PodPlan PodOf(string workload) => Plan.Pods.Values.First(pod => Snapshot.Workloads[pod.Pod].WorkloadName == workload);

    public IEnumerable<JsonNode> Requests() =>
        File.Exists(Path.Combine(folder, "requests.yaml")) ? Yaml.Documents(File.ReadAllText(Path.Combine(folder, "requests.yaml"))).Single().AsArray().Select(request => request!) : [];

    /// <summary>Every file that should be there, with what should be in it.</summary>
    public IEnumerable<(string Path, string Content)> Expected()
    {
        foreach (var workload in Snapshot.Workloads.Values.Where(workload => workload.IsInMesh).Select(workload => workload.WorkloadName).Distinct().Order(StringComparer.Ordinal))
            yield return (Path.Combine(folder, "expected", workload + ".json"), Config(PodOf(workload)));
        yield return (Path.Combine(folder, "expected.status.yaml"), Statuses());
    }

    public IEnumerable<string> Present() =>
        Directory.Exists(Path.Combine(folder, "expected")) ? Directory.GetFiles(Path.Combine(folder, "expected")) : [];

    private IEnumerable<KeyValuePair<ObjectKey, UserCredential>> Credentials() =>
        !File.Exists(Path.Combine(folder, "credentials.yaml")) ? [] : Yaml.Documents(File.ReadAllText(Path.Combine(folder, "credentials.yaml"))).Select(document => KeyValuePair.Create(
            new ObjectKey(document["namespace"]!.ToString(), document["name"]!.ToString()), new UserCredential { Pair = Part(document["pair"]!), Trust = Part(document["trust"]!) }));

    private static CredentialPart Part(JsonNode part) => part is JsonValue sha256
        ? new CredentialPart(sha256.ToString(), null)
        : new CredentialPart("", new CredentialProblem(part["code"]!.ToString(), part["reason"]!.ToString(), part["message"]!.ToString(), part["remedy"]!.ToString()));

    private static string Config(PodPlan pod)
    {
        var sections = new JsonObject(pod.Sections.Select(section => KeyValuePair.Create(section.Name, JsonNode.Parse(section.Json.Span))));
        return sections.ToJsonString(Pretty) + "\n";
    }

    private string Statuses()
    {
        var now = new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);
        var plan = StatusPlanner.Plan(Plan, Sidecars.Holding(Plan), new Dictionary<RuleKey, WrittenStatus>(), now, now);
        var text = new StringBuilder();
        foreach (var patch in plan.Patches)
        {
            var status = JsonSerializer.SerializeToNode(patch.Status, patch.Status.GetType(), ApiJson.Options)!;
            text.Append("---\n").Append(Yaml.Write(new JsonObject { ["object"] = patch.Rule.ToString(), ["status"] = status }));
        }

        return text.ToString();
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "testdata");
}
