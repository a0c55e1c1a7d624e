using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>A second mesh beside the first, with manifests of its own; and what is left when it ends.</summary>
[Collection(MeshCollection.Name)]
public sealed class SideBySideTests(RunningMesh running)
{
    internal const string Manifests = """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: shop
          labels: {istio-injection: enabled}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: shop
        spec:
          selector: {app: web}
          ports: [{name: http, port: 9080}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: shop
        spec:
          replicas: 2
          selector:
            matchLabels: {app: web}
          template:
            metadata:
              labels: {app: web, version: v1}
            spec:
              containers:
                - name: web
                  image: mesh/bookinfo
                  args: ["--service", "details"]
        """;

    [Fact]
    public async Task Two_meshes_run_side_by_side_and_one_that_ends_leaves_nothing()
    {
        var first = await running.Ready();
        var directory = Directory.CreateTempSubdirectory("mesh-e2e-").FullName;
        var path = Path.Combine(directory, "shop.yaml");
        await File.WriteAllTextAsync(path, Manifests);
        var second = LocalMesh.Start("side", path);
        try
        {
            Assert.Equal(2, second.Kubectl("get", "pods", "-n", "shop", "--field-selector=status.phase=Running", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.NotEqual(0, second.TryKubectl(["get", "deployment", "productpage-v1"]).ExitCode);
            Assert.NotEqual(0, first.TryKubectl(["get", "namespace", "shop"]).ExitCode);
        }
        finally
        {
            second.Dispose();
            Directory.Delete(directory, recursive: true);
        }
        Assert.Equal([], Leftovers.Of(second.Name));
        Assert.Equal(5, first.Reviews(5).Count(answer => answer.StartsWith('v')));
    }

    [Fact]
    public async Task A_killed_run_leaves_nothing_that_the_next_one_does_not_remove()
    {
        await running.Ready();
        var directory = Directory.CreateTempSubdirectory("mesh-e2e-").FullName;
        var path = Path.Combine(directory, "shop.yaml");
        await File.WriteAllTextAsync(path, Manifests);
        var mesh = LocalMesh.Start("killed", path);
        try
        {
            var processes = ProcessTable.Below(mesh.Name);
            Assert.NotEmpty(processes);
            // The supervisor first: nobody is left to clean up.
            foreach (var process in processes.OrderBy(process => process.Id).Where(process => process.Line.Contains("mesh.dll", StringComparison.Ordinal))) ProcessTable.Kill(process.Id);
        }
        finally
        {
            mesh.Dispose();
            Directory.Delete(directory, recursive: true);
        }
        await Eventually.True(() => Leftovers.Of(mesh.Name).Count == 0, "everything of the killed run is gone");
    }
}
