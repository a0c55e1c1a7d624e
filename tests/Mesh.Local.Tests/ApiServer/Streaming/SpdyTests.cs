using System.Buffers;
using Mesh.Local.ApiServer.Streaming.Spdy;

namespace Mesh.Local.Tests.ApiServer.Streaming;

/// <summary>The frames of SPDY/3.1, against bytes that zlib made with the protocol's dictionary. Whole sessions are kubectl's to try.</summary>
public sealed class SpdyTests
{
    /// <summary>What zlib makes of {streamtype: error, port: 8080, requestid: 0}, and of the same with data next in the same stream.</summary>
    private static readonly byte[] First = Convert.FromBase64String("ePnjxqfCAiU6cDorKUpNzIUWJaypoICGFMtF4BxgYWBhAKQ5iyDRmAlK3owGAAAAAP//");
    private static readonly byte[] Second = Convert.FromBase64String("wqoZVA4lEtYLAAAA//8=");

    [Fact]
    public void Headers_made_with_the_dictionary_are_read_frame_by_frame()
    {
        using var reader = new SpdyHeaderReader();
        var error = reader.Read(new ReadOnlySequence<byte>(First));
        Assert.Equal("error 8080 0", $"{error["streamtype"]} {error["port"]} {error["requestid"]}");
        var data = reader.Read(new ReadOnlySequence<byte>(Second));
        Assert.Equal("data 8080 0", $"{data["streamtype"]} {data["port"]} {data["requestid"]}");
    }

    [Fact]
    public void What_is_written_can_be_read()
    {
        using var writer = new SpdyHeaderWriter();
        using var reader = new SpdyHeaderReader();
        for (var i = 0; i < 3; i++)
        {
            Assert.Empty(reader.Read(new ReadOnlySequence<byte>(writer.Write())));
            Assert.Equal($"value {i}", reader.Read(new ReadOnlySequence<byte>(writer.Write(("name", $"value {i}"), ("other", "x"))))["name"]);
        }
    }

    [Fact]
    public void Broken_headers_are_refused()
    {
        using var cut = new SpdyHeaderReader();
        Assert.Throws<InvalidDataException>(() => cut.Read(new ReadOnlySequence<byte>(First[..20])));
        using var other = new SpdyHeaderReader();
        Assert.Throws<InvalidDataException>(() => other.Read(new ReadOnlySequence<byte>([0x78, 0xf9, 1, 2, 3, 4, .. First[6..]])));
        using var empty = new SpdyHeaderReader();
        Assert.Throws<InvalidDataException>(() => empty.Read(ReadOnlySequence<byte>.Empty));
        using var huge = new SpdyHeaderReader();
        using var writer = new SpdyHeaderWriter();
        Assert.Throws<InvalidDataException>(() => huge.Read(new ReadOnlySequence<byte>(writer.Write(("name", new string('x', 100_000))))));
    }

    [Fact]
    public void A_frame_is_read_when_all_of_it_is_there()
    {
        byte[] ping = SpdyFrame.Control(SpdyFrameKind.Ping, 0, [0, 0, 0, 7]);
        for (var length = 0; length < ping.Length; length++)
        {
            var part = new ReadOnlySequence<byte>(ping[..length]);
            Assert.False(SpdyFrame.TryRead(ref part, out _));
        }

        var data = new byte[SpdyFrame.HeaderLength + 3];
        SpdyFrame.WriteDataHeader(data, 5, true, 3);
        var both = new ReadOnlySequence<byte>([.. ping, .. data]);
        Assert.True(SpdyFrame.TryRead(ref both, out var first));
        Assert.Equal((SpdyFrameKind.Ping, 7), (first.Kind, first.Number(0)));
        Assert.True(SpdyFrame.TryRead(ref both, out var second));
        Assert.Equal((SpdyFrameKind.Data, 5, true, 3L), (second.Kind, second.StreamId, second.IsFin, second.Payload.Length));
        Assert.Equal(0, both.Length);
        var http = new ReadOnlySequence<byte>([0x80, 2, 0, 1, 0, 0, 0, 0]);
        Assert.Throws<InvalidDataException>(() => SpdyFrame.TryRead(ref http, out _));
    }
}
