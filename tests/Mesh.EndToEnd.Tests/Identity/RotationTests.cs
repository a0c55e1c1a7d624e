using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>Certificates that live two minutes, in a mesh of its own: renewed under load, not renewed while the operator is away, under a new root.</summary>
[Collection(MeshCollection.Name)]
public sealed class RotationTests(ITestOutputHelper output)
{
    private const string Life = "2m";
    private const int PerSecond = 1000;

    [Fact]
    public Task Renewed_each_minute_at_1000_requests_a_second_no_request_fails() => WithMesh(async mesh =>
    {
        var before = Serials(mesh);
        await using var load = WebLoad.Start(mesh, PerSecond);
        await Task.Delay(TimeSpan.FromMinutes(3.5), TestContext.Current.CancellationToken);
        var after = Serials(mesh);
        var result = await load.StopAsync();
        output.WriteLine(result.ToString());
        Assert.All(before, pod => Assert.NotEqual(pod.Value, after[pod.Key]));
        Assert.True(result.Failures.Count == 0, result.ToString());
    });

    [Fact]
    public Task A_new_root_under_load_fails_no_request() => WithMesh(async mesh =>
    {
        var before = Roots(mesh);
        await using var load = WebLoad.Start(mesh, PerSecond / 2);
        var run = mesh.Mesh(["certs", "renew-root", "--name", mesh.Name], TimeSpan.FromMinutes(2));
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        await Eventually.True(() => Roots(mesh).Length == 2, "both roots are trusted", TimeSpan.FromMinutes(1));
        await Eventually.True(() => Roots(mesh) is [var only] && !before.Contains(only), "only the new root is trusted", TimeSpan.FromMinutes(10));
        var result = await load.StopAsync();
        output.WriteLine(result.ToString());
        Assert.True(result.Failures.Count == 0, result.ToString());
    });

    [Fact]
    public Task An_operator_killed_in_the_middle_of_renewals_and_away_for_more_than_half_a_life_is_not_felt() => WithMesh(async mesh =>
    {
        await using var load = WebLoad.Start(mesh, PerSecond / 2);
        // Killed again and again while certificates are asked for; each time it needs some seconds to start.
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            foreach (var id in mesh.Processes("Mesh.Operator.dll")) ProcessTable.Kill(id);
        }

        // Every certificate has at least half its life left after this.
        await Renewed(mesh);
        Fault(mesh, "off");
        await Task.Delay(TimeSpan.FromSeconds(55), TestContext.Current.CancellationToken);
        Fault(mesh, "on");
        await Renewed(mesh);
        var result = await load.StopAsync();
        output.WriteLine(result.ToString());
        Assert.True(result.Failures.Count == 0, result.ToString());
    });

    [Fact]
    public Task An_operator_away_for_longer_than_a_life_is_felt_by_new_connections_alone_and_all_is_well_when_it_is_back() => WithMesh(async mesh =>
    {
        await using var load = WebLoad.Start(mesh, PerSecond / 10);
        await Renewed(mesh);
        Fault(mesh, "off");
        await Task.Delay(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
        output.WriteLine($"with certificates that have run out: {(await load.StopAsync()).ToString()}");
        await using var without = WebLoad.Start(mesh, PerSecond / 10);
        await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        output.WriteLine($"begun after that: {(await without.StopAsync()).ToString()}");
        var old = Serials(mesh);
        var back = Stopwatch.StartNew();
        Fault(mesh, "on");
        await Renewed(mesh, old);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"renewed {back.Elapsed.TotalSeconds:0.0} s after the operator was let back"));
        await using var after = WebLoad.Start(mesh, PerSecond / 2);
        await Task.Delay(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        var result = await after.StopAsync();
        Assert.True(result.Failures.Count == 0, result.ToString());
    });

    private static async Task WithMesh(Func<LocalMesh, Task> test)
    {
        Needs.Netns();
        Needs.Long();
        var directory = Directory.CreateTempSubdirectory("mesh-e2e-").FullName;
        var path = Path.Combine(directory, "shop.yaml");
        await File.WriteAllTextAsync(path, $"{WebLoad.Lifetime(Life)}\n---\n{WebLoad.Manifests}\n");
        var mesh = LocalMesh.Start("rotate", path);
        try
        {
            await test(mesh);
        }
        finally
        {
            mesh.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Until every certificate is another than it was.</summary>
    private static async Task Renewed(LocalMesh mesh, Dictionary<string, string>? old = null)
    {
        var before = old ?? Serials(mesh);
        await Eventually.True(() => Serials(mesh) is var now && before.All(pod => now.GetValueOrDefault(pod.Key) is { } serial && serial != pod.Value), "every certificate is renewed", TimeSpan.FromMinutes(3));
    }

    private static Dictionary<string, string> Serials(LocalMesh mesh)
    {
        var run = mesh.Mesh(["certs", "-o", "json", "--name", mesh.Name]);
        Assert.True(run.ExitCode is 0 or 1, run.Error + run.Output); // 1: a renewal fails at the moment, which is what some of these tests want
        return JsonNode.Parse(run.Output)!.AsArray().ToDictionary(proxy => proxy!["pod"]!.ToString(), proxy => proxy!["serial"]?.ToString() ?? "");
    }

    private static string[] Roots(LocalMesh mesh) =>
        [.. mesh.Kubectl("get", "configmap", "mesh-root", "-n", "shop", "-o", "jsonpath={.data.roots\\.pem}").Split("-----BEGIN CERTIFICATE-----", StringSplitOptions.RemoveEmptyEntries).Select(text => text.Trim()).Where(text => text.Length > 0)];

    private static void Fault(LocalMesh mesh, string action)
    {
        var run = mesh.Mesh(["fault", "operator", action, "--name", mesh.Name]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
    }
}
