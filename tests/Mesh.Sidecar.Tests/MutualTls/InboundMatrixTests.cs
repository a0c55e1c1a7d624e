using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using YamlDotNet.RepresentationModel;

namespace Mesh.Sidecar.Tests.MutualTls;

/// <summary>
/// Istio's own table of inbound calls: each one is made over real sockets and real TLS to a whole sidecar. The table's ports
/// stand for those that the kernel gave the applications here.
/// </summary>
public sealed class InboundMatrixTests
{
    private const string Folder = "istio-simulation";
    private const string File = "inbound_mtls_matrix.yaml";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PERMISSIVE")]
    [InlineData("STRICT")]
    public async Task Every_call_of_Istios_table_ends_where_Istio_says(string mode)
    {
        var path = Path.Combine(Needs.Cases(Folder), File);
        var stream = new YamlStream();
        using (var text = System.IO.File.OpenText(path)) stream.Load(text);
        var cases = stream.Documents.Select(document => (YamlMappingNode)document.RootNode).Where(root => Text(root, "_case") == $"TestInbound/{mode}").ToList();
        Assert.NotEmpty(cases);
        var wrong = new List<string>();
        using var authority = new TestAuthority();
        foreach (var call in cases.SelectMany(root => (YamlSequenceNode)root["calls"]).Cast<YamlMappingNode>())
        {
            var problem = await ProblemOfAsync(call, mode == "STRICT" ? MutualTlsMode.Strict : MutualTlsMode.Permissive, authority);
            if (problem.Length > 0) wrong.Add($"{Text(call, "Name")}: {problem}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // DISABLE is not in the table as data; Istio's own table has these verdicts for it.
    [Theory]
    [InlineData("70", "TCP", "MTLS", "inbound|70||")]
    [InlineData("70", "TCP", "TLS", "inbound|70||")]
    [InlineData("81", "HTTP", "MTLS", "inbound|81||")]
    [InlineData("80", "HTTP", "", "inbound|80||")]
    [InlineData("82", "HTTP", "MTLS", ClusterNames.InboundPassthrough)]
    public async Task With_DISABLE_everything_goes_on_as_it_came(string port, string protocol, string tls, string cluster)
    {
        using var authority = new TestAuthority();
        var call = new YamlMappingNode(
            "Call", new YamlMappingNode("Port", port, "Protocol", protocol, "TLS", tls), "Result", new YamlMappingNode("ClusterMatched", cluster));

        Assert.Equal("", await ProblemOfAsync(call, MutualTlsMode.Disable, authority));
    }

    private static async Task<string> ProblemOfAsync(YamlMappingNode call, MutualTlsMode mode, TestAuthority authority)
    {
        await using var application = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[4096];
            var count = await socket.ReceiveAsync(buffer, cancellation);
            var heard = Encoding.Latin1.GetString(buffer, 0, count);
            await socket.SendAsync(heard.StartsWith("GET ", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray() : buffer.AsMemory(0, count), cancellation);
        });
        var asked = (YamlMappingNode)call["Call"];
        var declared = Text(asked, "Port") switch
        {
            "70" => AppProtocol.Tcp,
            "80" => AppProtocol.Http,
            "81" => AppProtocol.Auto,
            _ => (AppProtocol?)null,
        };
        var config = new SidecarConfig().WithMutualTls(mode);
        if (declared is { } protocol) config = config.WithInbound(application.Port, protocol);
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, application.Port);
        sidecar.Sidecar.Identity.Put(authority, "server");
        var answer = await MakeAsync(sidecar, Text(asked, "Protocol"), Text(asked, "TLS"), authority);

        var expected = call.Children.TryGetValue("Result", out var node) ? (YamlMappingNode)node : new YamlMappingNode();
        switch (Text(expected, "Error"))
        {
            case "ErrNoFilterChain":
                return application.Accepted > 0 ? "the application was reached" : await LogLacksAsync(sidecar, " filter_chain_not_found ");
            case "ErrMTLSError":
                return application.Accepted > 0 ? "the application was reached" : await LogLacksAsync(sidecar, " downstream_transport_failure ");
            case "ErrProtocolError":
                return application.Accepted > 0 ? "the application was reached" : answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) ? "" : $"the answer was {answer}";
        }

        if (application.Accepted == 0) return $"the application was not reached; the answer was {answer}";
        var cluster = Text(expected, "ClusterMatched");
        if (cluster.Length > 0 && await LogLacksAsync(sidecar, $" {cluster.Replace($"|{Text(asked, "Port")}|", $"|{application.Port}|", StringComparison.Ordinal)} ") is { Length: > 0 } other) return other;
        if (Text(expected, "VirtualHostMatched").Length > 0 || Text(expected, "FilterChainMatched").EndsWith("-http", StringComparison.Ordinal)) return await LogLacksAsync(sidecar, " HTTP/");
        return Text(expected, "StrictMatch") == "true" ? await LogLacksAsync(sidecar, "\"- - -\"") : "";
    }

    private static async Task<string> MakeAsync(TestSidecar sidecar, string protocol, string tls, TestAuthority authority)
    {
        var text = protocol == "TCP" ? "hello, this is no HTTP\r\n\r\n" : "GET / HTTP/1.1\r\nHost: foo.bar\r\nConnection: close\r\n\r\n";
        try
        {
            if (protocol == "HTTP2" && tls.Length == 0)
            {
                using var http = sidecar.InboundClient(HttpVersion.Version20);
                using var answer = await http.GetAsync("http://foo.bar/", Cancel);
                return $"{answer.StatusCode}";
            }

            if (tls == "MTLS")
            {
                using var certificate = authority.Issue(TestIdentities.Id("client"));
                await using var client = await MeshClient.ConnectAsync(sidecar, certificate, protocol switch { "TCP" => WellKnown.AlpnTcp, "HTTP2" => WellKnown.AlpnHttp2, _ => WellKnown.AlpnHttp1 });
                return await client.AskAsync(text);
            }

            using var connection = await sidecar.ConnectInboundAsync();
            Stream stream = connection.GetStream();
            if (tls == "TLS")
            {
                var own = new SslStream(stream);
                await own.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "foo.bar",
                    ApplicationProtocols = protocol == "TCP" ? null : [SslApplicationProtocol.Http11],
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                }, Cancel);
                stream = own;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
            var buffer = new byte[1024];
            return Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, Cancel));
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException or HttpRequestException)
        {
            return $"closed ({e.GetType().Name})";
        }
    }

    private static async Task<string> LogLacksAsync(TestSidecar sidecar, string wanted)
    {
        var line = (await sidecar.LogLinesAsync(1))[0];
        return line.Contains(wanted, StringComparison.Ordinal) ? "" : $"no '{wanted}' in {line}";
    }

    private static string Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value ?? "" : "";
}
