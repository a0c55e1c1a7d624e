using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>An application's own TLS and plain bytes to hosts outside the mesh, by the rules of VirtualService tls and tcp.</summary>
[Collection(MeshCollection.Name)]
public sealed class TlsAndTcpRouteTests(RunningMesh running)
{
    private static string Server(string name) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: outside-{{{name}}}, labels: {app: outside-{{{name}}}, sidecar.istio.io/inject: "false"}}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
            - name: tls
              image: local/host
              command: [bash, -c, "cd /tmp && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 30 -subj /CN={{{name}}} 2>/dev/null && exec openssl s_server -accept 8443 -cert c.pem -key k.pem -www -quiet"]
              readinessProbe: {tcpSocket: {port: 8443}, periodSeconds: 1}
            - name: tcp
              image: local/host
              command: [perl, -MIO::Socket::INET, -e, "my $l = IO::Socket::INET->new(LocalPort => 7000, Listen => 16, ReuseAddr => 1) or die $!; while (my $c = $l->accept) { print $c qq({{{name}}}\n); close $c }"]
              readinessProbe: {tcpSocket: {port: 7000}, periodSeconds: 1}
        """;

    private static string Entry(string one, string two) => $$$"""
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: routed}
        spec:
          hosts: [api.routed.example]
          location: MESH_EXTERNAL
          resolution: STATIC
          ports: [{number: 443, name: tls, protocol: TLS}, {number: 7000, name: tcp, protocol: TCP}]
          endpoints:
            - {address: {{{one}}}, ports: {tls: 8443}, labels: {at: one}}
            - {address: {{{two}}}, ports: {tls: 8443}, labels: {at: two}}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: routed}
        spec:
          host: api.routed.example
          subsets: [{name: one, labels: {at: one}}, {name: two, labels: {at: two}}]
        """;

    private static string Rule(int one, int two) => $$$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: routed}
        spec:
          hosts: [api.routed.example]
          tls:
            - match: [{port: 443, sniHosts: [api.routed.example]}]
              route: [{destination: {host: api.routed.example, subset: one, port: {number: 443}}, weight: {{{one}}}}, {destination: {host: api.routed.example, subset: two, port: {number: 443}}, weight: {{{two}}}}]
          tcp:
            - match: [{port: 7000}]
              route: [{destination: {host: api.routed.example, subset: one, port: {number: 7000}}, weight: {{{one}}}}, {destination: {host: api.routed.example, subset: two, port: {number: 7000}}, weight: {{{two}}}}]
        """;

    [Fact]
    public async Task TLS_goes_by_its_server_name_and_TCP_by_its_port_to_the_subset_and_by_the_weights_of_the_rule()
    {
        Needs.Program("openssl", "openssl");
        Needs.Program("perl", "perl-base");
        var mesh = await running.Ready();
        foreach (var name in new[] { "one", "two" }) mesh.Apply(Server(name));
        try
        {
            foreach (var name in new[] { "one", "two" }) mesh.WaitFor("Ready", $"pod/outside-{name}");
            mesh.Apply(Entry(AddressOf(mesh, "one"), AddressOf(mesh, "two")));
            mesh.Apply(Rule(0, 100));
            mesh.WaitFor("Programmed", "virtualservice/routed");
            await Eventually.True(() => mesh.Exec(mesh.Pod("productpage"), "productpage", "getent", "hosts", "api.routed.example").ExitCode == 0, "the name resolves", TimeSpan.FromSeconds(30));
            Assert.Equal(["two"], Ask(mesh, TlsClient).Distinct());
            Assert.Equal(["two"], Ask(mesh, TcpClient).Distinct());

            mesh.Apply(Rule(50, 50));
            await Eventually.True(() => Ask(mesh, TlsClient).Distinct().Count() == 2, "TLS goes to both", TimeSpan.FromSeconds(30));
            await Eventually.True(() => Ask(mesh, TcpClient).Distinct().Count() == 2, "TCP goes to both", TimeSpan.FromSeconds(30));
        }
        finally
        {
            mesh.Kubectl("delete", "serviceentry/routed", "virtualservice/routed", "destinationrule/routed", "--ignore-not-found");
            mesh.Kubectl("delete", "pod/outside-one", "pod/outside-two", "--ignore-not-found");
        }
    }

    private const string TlsClient = "openssl s_client -connect api.routed.example:443 -servername api.routed.example </dev/null 2>/dev/null | openssl x509 -noout -subject | sed 's/.*= *//'";

    private const string TcpClient = "perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(PeerAddr => q(api.routed.example:7000), Timeout => 10) or die $!; print scalar <$s>'";

    private static string AddressOf(LocalMesh mesh, string name) => (string)mesh.Get($"pod/outside-{name}")["status"]!["podIP"]!;

    /// <summary>Ten connections: who answered each.</summary>
    private static string[] Ask(LocalMesh mesh, string client) =>
        mesh.Exec(mesh.Pod("productpage"), "productpage", "bash", "-c", $"for i in 1 2 3 4 5 6 7 8 9 10; do {client}; done").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
