using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>The whole pod as it leaves the injector: <c>testdata/NAME.yaml</c> in, <c>testdata/NAME.expected.yaml</c> out.</summary>
public sealed class InjectionGoldenTests
{
    public static TheoryData<string> Cases() =>
        [.. Directory.GetFiles(Folder(), "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => !name.EndsWith(".expected", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pod_leaves_the_injector_as_expected_however_often_it_passes(string name)
    {
        var pod = KubernetesJson.Deserialize<V1Pod>(Yaml.Documents(File.ReadAllText(Path.Combine(Folder(), $"{name}.yaml"))).Single().ToJsonString());
        var injected = PodInjector.Inject(pod, new InjectionSettings(), "mesh-0123456789abcdef").Pod!;
        var again = PodInjector.Inject(injected, new InjectionSettings(), "mesh-0123456789abcdef").Pod!;
        var text = Yaml.Write(JsonNode.Parse(KubernetesJson.Serialize(again))!);
        var expected = Path.Combine(Folder(), $"{name}.expected.yaml");
        if (GoldenCase.Rewrites) File.WriteAllText(expected, text);
        Assert.True(File.Exists(expected), $"{expected} is missing: run `make golden` and look at the diff");
        Assert.Equal(File.ReadAllText(expected), text);
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "testdata");
}
