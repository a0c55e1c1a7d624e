using System.Text;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Tests.Connections;

public sealed class ProtocolDetectorTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", DetectedProtocol.Http1)]
    [InlineData("OPTIONS * HTTP/1.1\r\n", DetectedProtocol.Http1)]
    [InlineData("GET http://x/ HTTP/1.1\r\n", DetectedProtocol.Http1)]
    [InlineData("CONNECT x:443 HTTP/1.1\r\n", DetectedProtocol.Tcp)]
    [InlineData("VERSION-CONTROL /x HTTP/1.1\r\n", DetectedProtocol.Http1)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", DetectedProtocol.Http2)]
    [InlineData("\u0016\u0003\u0001", DetectedProtocol.Tls)]
    [InlineData("\u0016\u0004", DetectedProtocol.Tcp)]
    [InlineData("HELO example.org\r\n", DetectedProtocol.Tcp)]
    [InlineData("*1\r\n$4\r\nPING\r\n", DetectedProtocol.Tcp)]
    [InlineData("PING\r\n", DetectedProtocol.Tcp)]
    [InlineData("AB /x", DetectedProtocol.Tcp)]
    [InlineData("\0\0\0\u0008", DetectedProtocol.Tcp)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ", DetectedProtocol.Tcp)]
    public void The_first_bytes_decide(string bytes, DetectedProtocol expected) =>
        Assert.Equal(expected, ProtocolDetector.Classify(Encoding.Latin1.GetBytes(bytes)));

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET")]
    [InlineData("GET ")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n")]
    [InlineData("\u0016")]
    public void Too_few_bytes_ask_for_more(string bytes) => Assert.Null(ProtocolDetector.Classify(Encoding.Latin1.GetBytes(bytes)));
}
