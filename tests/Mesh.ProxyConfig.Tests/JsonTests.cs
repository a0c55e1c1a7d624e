using System.Text.Json;
using Mesh.Config;
using Mesh.Config.Control;

namespace Mesh.ProxyConfig.Tests;

public sealed class JsonTests
{
    [Fact]
    public void Members_left_out_take_their_documented_default()
    {
        var endpoint = ProxyConfigJson.Read<Endpoint>("""{"address":"1.2.3.4","port":80}"""u8);
        Assert.Equal(new Endpoint { Address = "1.2.3.4", Port = 80 }, endpoint);

        var listener = ProxyConfigJson.Read<OutboundListener>("""{"port":80}"""u8);
        Assert.False(listener.TlsRoutes.IsDefault);

        var mesh = ProxyConfigJson.Read<MeshSettings>("{}"u8);
        Assert.Equal(new MeshSettings(), mesh);

        var retry = ProxyConfigJson.Read<RetryPolicy>("""{"attempts":2}"""u8);
        Assert.True(retry.IgnorePreviousHosts);
        Assert.Equal(TimeSpan.FromMilliseconds(25), retry.BackoffBase);
    }

    [Theory]
    [InlineData("""{"address":"1.2.3.4","port":80,"colour":"red"}""")] // unknown member
    [InlineData("""{"address":"1.2.3.4"}""")] // required member left out
    [InlineData("""{"address":null,"port":80}""")] // null where a value must be
    [InlineData("""{"address":"1.2.3.4","port":"80"}""")] // wrong type
    [InlineData("null")]
    public void What_the_contract_does_not_know_is_refused(string json)
    {
        Assert.Throws<JsonException>(() => ProxyConfigJson.Read<Endpoint>(System.Text.Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void What_a_newer_sidecar_says_is_read_without_what_is_not_known()
    {
        var report = ProxyConfigJson.ReadSaid<ProxyReport>("""{"sequence":7,"instance":"i","mood":"fine","members":[{"cluster":"c","address":"a","condition":"Ejected","since":"2026-01-01T00:00:00Z","colour":"red"}]}"""u8);
        Assert.Equal(7, report.Sequence);
        Assert.Equal("c", Assert.Single(report.Members).Cluster);
        Assert.Throws<JsonException>(() => ProxyConfigJson.ReadSaid<ProxyReport>("""{"sequence":7}"""u8));

        var buffer = new System.Buffers.ReadOnlySequence<byte>([0, 0, 0, 12, 0, 0, 0, 0, .. "{\"later\":{}}"u8]);
        var taken = buffer;
        Assert.True(ControlFrame.TryRead(ref taken, out _, 0, fromSidecar: true));
        Assert.Throws<JsonException>(() => ControlFrame.TryRead(ref buffer, out _));
    }
}
