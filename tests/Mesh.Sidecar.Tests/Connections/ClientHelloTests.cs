using System.Net.Security;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Tests.Connections;

public sealed class ClientHelloTests
{
    [Fact]
    public async Task The_server_name_of_a_real_hello_is_read_and_every_prefix_asks_for_more()
    {
        var hello = await RealHelloAsync("Shop.Example.COM");

        Assert.True(ClientHello.TryRead(hello, out var read));
        Assert.Equal("shop.example.com", read.ServerName);
        for (var length = 0; length < hello.Length; length++) Assert.False(ClientHello.TryRead(hello.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData("istio", true)]
    [InlineData("istio-http/1.1", true)]
    [InlineData("h2,istio-h2", true)]
    [InlineData("h2,http/1.1", false)]
    [InlineData("istio-other", false)]
    [InlineData("", false)]
    public async Task The_protocols_offered_tell_a_proxy_of_the_mesh_from_an_application(string offered, bool isOfMesh)
    {
        var names = offered.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var bytes = await RealHelloAsync("outbound_.80_.v1_.shop.default.svc.cluster.local", names);

        Assert.True(ClientHello.TryRead(bytes, out var hello));
        Assert.Equal(names, hello.Protocols);
        Assert.Equal(isOfMesh, hello.IsOfMesh);
        Assert.Equal("outbound_.80_.v1_.shop.default.svc.cluster.local", hello.ServerName);
    }

    [Fact]
    public async Task Damage_anywhere_never_throws()
    {
        var hello = await RealHelloAsync("shop.example.com", "istio", "h2");
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = hello.ToArray();
            damaged[random.Next(5, damaged.Length)] = (byte)random.Next(256);
            damaged[random.Next(5, damaged.Length)] = 0xff;
            ClientHello.TryRead(damaged, out _);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x15, 3, 1, 0, 0 })]
    [InlineData(new byte[] { 0x16, 3, 1, 0, 1, 2 })]
    [InlineData(new byte[] { 0x16, 3, 1, 0, 0 })]
    public void What_is_no_hello_has_no_name(byte[] bytes)
    {
        Assert.True(ClientHello.TryRead(bytes, out var read));
        Assert.Equal("", read.ServerName);
    }

    private static async Task<byte[]> RealHelloAsync(string host, params string[] protocols)
    {
        using var wire = new CapturingStream();
        await using var tls = new SslStream(wire);
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host, ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(name => new SslApplicationProtocol(name))],
        }));
        return wire.Written.ToArray();
    }

    /// <summary>Takes what is written and has nothing to read.</summary>
    private sealed class CapturingStream : MemoryStream
    {
        public MemoryStream Written { get; } = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => Written.WriteAsync(buffer, cancellationToken);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
