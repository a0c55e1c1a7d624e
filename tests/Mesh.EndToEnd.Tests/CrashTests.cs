using System.Diagnostics;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>The supervisor dies by SIGKILL: nothing stays that `mesh down` or the next `mesh up` does not remove, and with --keep the objects do.</summary>
[Collection(MeshCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Rounds = 3;

    /// <summary>`mesh up` says a line at each step it takes; it is killed after as many as chance says.</summary>
    [Fact]
    public async Task Killed_at_any_step_of_its_start_a_mesh_leaves_nothing_that_down_does_not_remove()
    {
        Needs.Netns();
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await WithManifests(async path =>
        {
            using var mesh = LocalMesh.Named("crash");
            for (var round = 0; round < Rounds; round++)
            {
                using var up = Start(mesh, path);
                for (var line = random.Next(6); line > 0 && await up.StandardOutput.ReadLineAsync() is not null; line--)
                {
                }

                up.Kill();
                await up.WaitForExitAsync();
                var down = mesh.Mesh(["down", "--name", mesh.Name], TimeSpan.FromSeconds(60));
                Assert.True(down.ExitCode == 0, down.Error);
                await Eventually.True(() => Leftovers.Of(mesh.Name).Count == 0, "everything of the killed run is gone");
            }
        });
    }

    [Fact]
    public async Task Kept_objects_are_there_after_a_crash_and_pods_run_again_under_their_names()
    {
        Needs.Netns();
        await WithManifests(path =>
        {
            using var mesh = LocalMesh.Named("keep");
            mesh.Up("--keep", "-f", path);
            mesh.Kubectl("create", "configmap", "written-last", "-n", "shop");
            var before = Pods(mesh);
            foreach (var process in ProcessTable.Below(mesh.Name).Where(process => process.Line.Contains("mesh.dll", StringComparison.Ordinal))) ProcessTable.Kill(process.Id);
            mesh.Up("--keep");
            Assert.Equal(before.Select(pod => (Name(pod), Uid(pod))), Pods(mesh).Select(pod => (Name(pod), Uid(pod))));
            Assert.All(Pods(mesh), pod => Assert.Equal(1, pod!["status"]!["containerStatuses"]!.AsArray().Single(c => c!["name"]!.ToString() == "web")!["restartCount"]!.GetValue<int>()));
            mesh.Kubectl("get", "configmap", "written-last", "-n", "shop");
            Assert.Equal(0, mesh.Mesh(["down", "--name", mesh.Name, "--forget"], TimeSpan.FromSeconds(60)).ExitCode);
            Assert.False(Directory.Exists(Repository.Path($".mesh/{mesh.Name}/kept")));
            return Task.CompletedTask;
        });
    }

    private static Process Start(LocalMesh mesh, string manifests) => Process.Start(new ProcessStartInfo(
        Needs.Built("bin/mesh"), ["up", "--name", mesh.Name, "-f", manifests]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root })!;

    private static async Task WithManifests(Func<string, Task> test)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-e2e-").FullName;
        try
        {
            var path = Path.Combine(directory, "shop.yaml");
            await File.WriteAllTextAsync(path, SideBySideTests.Manifests);
            await test(path);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static List<JsonNode> Pods(LocalMesh mesh) =>
        [.. JsonNode.Parse(mesh.Kubectl("get", "pods", "-n", "shop", "-o", "json"))!["items"]!.AsArray().Select(pod => pod!)];

    private static string Name(JsonNode pod) => pod["metadata"]!["name"]!.ToString();

    private static string Uid(JsonNode pod) => pod["metadata"]!["uid"]!.ToString();
}
