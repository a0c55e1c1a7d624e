using System.Security.Cryptography;
using Mesh.Config;
using Mesh.Sidecar.Identity;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>A key is in the sidecar's memory and in its own directory on tmpfs, and nowhere else; the token nowhere at all.</summary>
public sealed class KeyMaterialTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        authority.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Neither_log_nor_report_nor_page_nor_any_other_file_holds_a_key_or_the_token()
    {
        await using var sidecar = new ControlledSidecar(authority);
        await sidecar.StartAsync();
        await sidecar.IssueAsync();
        await using (var session = await sidecar.SessionAsync())
        {
            await session.PushAsync(new SidecarConfig().ToDocument());
            await session.ReportAsync(report => report.Revision == 1);
        }

        await using (var wrong = await sidecar.DialAsync(WellKnown.SessionName)) await wrong.GreetAsync(podUid: "uid-2");
        var kept = Path.Combine(sidecar.Options.DataDirectory, KeptIdentity.FileName);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        using var client = new HttpClient();
        var said = new List<string> { sidecar.Log };
        foreach (var (index, path) in new[] { (0, "/certs"), (0, "/config"), (0, "/endpoints"), (0, "/stats"), (1, "/report"), (1, "/metrics"), (2, "/healthz/ready") })
        {
            using var answer = await client.GetAsync(new UriBuilder(sidecar.Sidecar.ControlAddresses[index]) { Host = "127.0.0.1", Path = path }.Uri);
            said.Add(await answer.Content.ReadAsStringAsync());
        }

        await sidecar.StopAsync(); // what was to be kept is written
        foreach (var file in Directory.EnumerateFiles(sidecar.Root, "*", SearchOption.AllDirectories).Where(file => file != kept && file != sidecar.Options.TokenFile))
            said.Add(await File.ReadAllTextAsync(file));
        Assert.Contains(said, text => text.Contains("is in force", StringComparison.Ordinal)); // the log is there to be searched

        foreach (var secret in Secrets(await File.ReadAllTextAsync(kept)))
            Assert.DoesNotContain(said, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_directory_on_a_disk_gets_no_key()
    {
        await using var sidecar = new ControlledSidecar(authority);
        sidecar.Change(options => options with { HoldsKeys = _ => false });
        await sidecar.StartAsync();
        await sidecar.IssueAsync();

        Assert.False(File.Exists(Path.Combine(sidecar.Options.DataDirectory, KeptIdentity.FileName)));
        Assert.Contains("is not a directory in memory", sidecar.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_told_from_a_disk_by_the_kind_of_file_system()
    {
        Assert.True(KeptIdentity.IsMemory("/dev/shm"));
        Assert.False(KeptIdentity.IsMemory("/proc"));
        Assert.False(KeptIdentity.IsMemory("/nowhere/at/all"));
    }

    private static IEnumerable<string> Secrets(string kept)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(kept);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        return
        [
            "PRIVATE KEY",
            Convert.ToBase64String(parameters.D!).TrimEnd('='),
            Convert.ToHexString(parameters.D!),
            Convert.ToBase64String(key.ExportPkcs8PrivateKey()).TrimEnd('='),
            .. kept.Split('\n').SkipWhile(line => !line.Contains("PRIVATE", StringComparison.Ordinal)).Skip(1).TakeWhile(line => !line.StartsWith('-')),
            ControlledSidecar.Token,
        ];
    }
}
