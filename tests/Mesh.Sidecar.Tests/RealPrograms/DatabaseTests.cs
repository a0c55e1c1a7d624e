using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.RealPrograms;

/// <summary>Databases with their own clients through two sidecars, in mutual TLS and in clear text, declared and undeclared.</summary>
public sealed class DatabaseTests
{
    public static TheoryData<AppProtocol, bool> Ways => new()
    {
        { AppProtocol.Tcp, true },
        { AppProtocol.Tcp, false },
        { AppProtocol.Auto, true },
        { AppProtocol.Auto, false },
    };

    // The server speaks first: nothing but the time of detection tells this from a slow HTTP client on an undeclared port.
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task MariaDB_in_which_the_server_speaks_first(AppProtocol declared, bool mutualTls)
    {
        Needs.Program("mariadbd", "mariadb-server-core");
        Needs.Program("mariadb-install-db", "mariadb-server-core");
        Needs.Program("mariadb", "mariadb-client-core");
        await using var server = ServerProgram.Prepare("mariadb");
        var data = Path.Combine(server.Directory.FullName, "data");
        server.Must("mariadb-install-db", "--no-defaults", $"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve");
        await server.StartAsync(
            "mariadbd", "--no-defaults", $"--datadir={data}", $"--port={server.Port}", "--bind-address=127.0.0.1", $"--socket={Path.Combine(server.Directory.FullName, "s")}",
            "--skip-name-resolve", "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--skip-grant-tables", "--skip-networking=0");
        await using var pair = await PairAsync(server.Port, declared, mutualTls);

        var rows = Run(pair, "mariadb", port => ["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", $"--port={port}", "--user=root", "-N", "-e",
            "create database d; use d; create table t (i int, b longblob); insert into t values (1, repeat('x', 3000000)); select i, length(b) from t; select repeat('y', 2000000)"]);
        Assert.StartsWith("1\t3000000\nyyyy", rows, StringComparison.Ordinal);
        Assert.Equal("1\t3000000\n".Length + 2_000_000, rows.TrimEnd('\n').Length);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task PostgreSQL(AppProtocol declared, bool mutualTls)
    {
        Needs.Program("postgres", "postgresql");
        Needs.Program("initdb", "postgresql");
        Needs.Program("psql", "postgresql-client");
        await using var server = ServerProgram.Prepare("postgres");
        var data = Path.Combine(server.Directory.FullName, "data");
        server.Must("initdb", "-D", data, "-U", "mesh", "--auth=trust", "--no-sync", "--no-locale");
        // To the server its clients come from the sidecar's address.
        server.Must("bash", "-c", $"echo 'host all all {WellKnown.InboundSourceIPv4}/32 trust' >> {data}/pg_hba.conf");
        await server.StartAsync("postgres", "-D", data, "-p", $"{server.Port}", "-k", server.Directory.FullName, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off");
        await using var pair = await PairAsync(server.Port, declared, mutualTls);

        var rows = Run(pair, "psql", port => ["-X", "-A", "-t", $"host=127.0.0.1 port={port} user=mesh dbname=postgres sslmode=disable gssencmode=disable", "-c",
            "create table t as select g, repeat('x', 1000) from generate_series(1, 3000) g", "-c", "select count(*), sum(length(repeat)) from t", "-c", "select length(repeat('y', 2000000))"]);
        Assert.Equal("SELECT 3000\n3000|3000000\n2000000\n", rows);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Redis_with_many_clients_and_pipelines(AppProtocol declared, bool mutualTls)
    {
        Needs.Program("redis-server", "redis-server");
        Needs.Program("redis-benchmark", "redis-tools");
        await using var server = ServerProgram.Prepare("redis");
        await server.StartAsync("redis-server", "--port", $"{server.Port}", "--bind", "127.0.0.1", "--protected-mode", "no", "--save", "", "--dir", server.Directory.FullName);
        await using var pair = await PairAsync(server.Port, declared, mutualTls);

        Run(pair, "redis-benchmark", port => ["-h", "127.0.0.1", "-p", $"{port}", "-t", "set,get", "-n", "4000", "-c", "20", "-P", "4", "-d", "2000", "-q"]);
        Assert.Equal("3\n", Run(pair, "redis-cli", port => ["-h", "127.0.0.1", "-p", $"{port}", "eval", "redis.call('set','k',ARGV[1]) return string.len(redis.call('get','k'))", "0", "abc"]));
        using var clear = pair.Server.ControlClient(1);
        var series = (await clear.GetStringAsync("/stats/prometheus", TestContext.Current.CancellationToken)).Split('\n')
            .Where(line => line.StartsWith("istio_tcp_connections_opened_total", StringComparison.Ordinal)).ToList();
        Assert.Contains(series, line => line.Contains($"connection_security_policy=\"{(mutualTls ? "mutual_tls" : "none")}\"", StringComparison.Ordinal));
    }

    private static Task<MeshedPair> PairAsync(int port, AppProtocol protocol, bool mutualTls) =>
        MeshedPair.StartAsync(port, protocol, mutualTls ? MutualTlsMode.Strict : MutualTlsMode.Permissive, mutualTls: mutualTls);

    private static string Run(MeshedPair pair, string program, Func<int, string[]> arguments)
    {
        var run = Command.Run(program, arguments(pair.Client.Sidecar.OutboundPort), timeout: TimeSpan.FromMinutes(2));
        Assert.True(run.ExitCode == 0, $"{program}: exit {run.ExitCode}: {run.Error}{run.Output}");
        return run.Output;
    }
}
