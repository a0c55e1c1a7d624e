using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>Keys never move: whatever kubectl, mesh and the disk show of a running mesh holds none.</summary>
[Collection(MeshCollection.Name)]
public sealed class KeyMaterialTests(RunningMesh running)
{
    /// <summary>The only ones that hold a key, and they are the operator's own.</summary>
    private static readonly string[] OperatorSecrets = ["mesh-ca", "mesh-webhook"];

    [Fact]
    public async Task No_object_log_dump_or_file_holds_a_private_key()
    {
        var stage = await running.Identity();
        var mesh = stage.Mesh;
        using var root = Papers.Root(mesh);
        var keys = Forms(root.Root.GetECDsaPrivateKey()!.ExportParameters(true).D!);

        var secrets = mesh.Get("secrets", "-A")["items"]!.AsArray();
        foreach (var secret in secrets.Where(secret => !OperatorSecrets.Any(own => secret!["metadata"]!["name"]!.ToString().StartsWith(own, StringComparison.Ordinal))))
            foreach (var (key, value) in secret!["data"]?.AsObject() ?? [])
                Clean($"secret {secret["metadata"]!["name"]} {key}", Encoding.Latin1.GetString(Convert.FromBase64String(value!.GetValue<string>())), keys);
        Assert.All(secrets.Where(secret => OperatorSecrets.Any(own => secret!["metadata"]!["name"]!.ToString().StartsWith(own, StringComparison.Ordinal))),
            secret => Assert.Equal("mesh-system", secret!["metadata"]!["namespace"]!.ToString()));
        foreach (var kind in new[] { "configmaps", "pods", "events", "leases", "mutatingwebhookconfigurations", "validatingwebhookconfigurations", "peerauthentications" })
            Clean(kind, mesh.Kubectl("get", kind, "-A", "-o", "json"), keys);

        var pods = mesh.Get("pods", "-A")["items"]!.AsArray();
        foreach (var (ns, pod) in pods.Select(pod => (pod!["metadata"]!["namespace"]!.ToString(), pod["metadata"]!["name"]!.ToString())))
            Clean($"logs of {pod}", mesh.Kubectl("logs", "-n", ns, pod, "--all-containers"), keys);
        foreach (var (ns, pod) in new[] { (IdentityStage.Namespace, stage.Server), (IdentityStage.Namespace, stage.Caller), ("default", mesh.Pod("productpage")) })
        {
            foreach (var page in new[] { "config_dump", "stats", "clusters", "listeners", "certs", "identity", "report" })
                Clean($"{page} of {pod}", Command.Run("nsenter", [$"--net={mesh.NetworkOf(pod)}", "--", "curl", "-s", "--max-time", "10", $"http://127.0.0.1:15000/{page}"]).Output, keys);
            Clean($"report of {pod}", Command.Run("nsenter", [$"--net={mesh.NetworkOf(pod)}", "--", "curl", "-s", "--max-time", "10", "http://127.0.0.1:15020/report"]).Output, keys);
        }

        foreach (var command in new string[][] { ["status"], ["status", "-o", "json"], ["certs"], ["certs", "-o", "json"], ["config", mesh.Pod("productpage")] })
            Clean($"mesh {string.Join(' ', command)}", mesh.Mesh([.. command, "--name", mesh.Name]) is var run ? run.Output + run.Error : "", keys);

        // The embedded API server's own keys and kubeconfigs are what /etc/kubernetes is on a cluster; all else is the mesh's.
        var state = Repository.Path($".mesh/{mesh.Name}");
        foreach (var file in Directory.EnumerateFiles(state, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device }))
        {
            if (file.Contains("/apiserver/", StringComparison.Ordinal) || file.EndsWith("kubeconfig", StringComparison.Ordinal) || file.EndsWith(".sock", StringComparison.Ordinal) || file.EndsWith("/lock", StringComparison.Ordinal)) continue;
            Clean(file, Encoding.Latin1.GetString(await ReadAsync(file)), keys);
        }
    }

    [Fact]
    public async Task No_token_is_logged()
    {
        var stage = await running.Identity();
        var token = stage.Mesh.Kubectl("exec", "-n", IdentityStage.Namespace, stage.Server, "-c", "mesh-proxy", "--", "cat", "/var/run/secrets/mesh/token");
        var signature = token[(token.LastIndexOf('.') + 1)..].Trim();
        Assert.True(signature.Length > 40);
        Assert.DoesNotContain(signature, stage.Mesh.Kubectl("logs", "-n", IdentityStage.Namespace, stage.Server, "--all-containers"), StringComparison.Ordinal);
        Assert.DoesNotContain(signature, await File.ReadAllTextAsync(Repository.Path($".mesh/{stage.Mesh.Name}/operator.log")), StringComparison.Ordinal);
        foreach (var kind in new[] { "configmaps", "secrets", "events" }) Assert.DoesNotContain(signature, stage.Mesh.Kubectl("get", kind, "-A", "-o", "json"), StringComparison.Ordinal);
    }

    private static void Clean(string what, string text, IReadOnlyList<string> keys)
    {
        Assert.False(text.Contains("PRIVATE KEY", StringComparison.Ordinal), $"{what} holds a private key");
        Assert.All(keys, key => Assert.False(text.Contains(key, StringComparison.OrdinalIgnoreCase), $"{what} holds the root's private key"));
    }

    /// <summary>The number that is the key, as text would show it.</summary>
    private static string[] Forms(byte[] number) =>
        [Convert.ToHexString(number), Encoding.Latin1.GetString(number), .. Enumerable.Range(0, 3).Select(offset => Convert.ToBase64String(number.AsSpan(offset))[..36])];

    private static async Task<byte[]> ReadAsync(string file)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            return copy.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return []; // Gone while we looked.
        }
    }
}
