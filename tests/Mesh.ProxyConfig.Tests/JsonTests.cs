using System.Text.Json;
using Mesh.Config;

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
}
