using System.Net;
using System.Text;
using Mesh.Sidecar.DnsProxy;

namespace Mesh.Sidecar.Tests.DnsProxy;

public sealed class DnsQueryTests
{
    [Fact]
    public void A_question_is_read_with_its_name_in_lower_case_and_kept_as_it_was_written()
    {
        var query = DnsQuery.Read(Query("WWW.Example.com", type: 28))!;

        Assert.Equal("www.example.com", query.Name);
        Assert.Equal(28, query.Type);
        Assert.Equal(0x1234, query.Id);
        Assert.True(query is { IsPlain: true, RecursionDesired: true, HasEdns: false, UdpLimit: 512 });
        Assert.Contains("WWW", Encoding.ASCII.GetString(query.Question.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_client_takes_by_UDP_is_in_its_EDNS_record()
    {
        byte[] edns = [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0];
        var message = Query("a.b", additional: 1);
        Assert.True(DnsQuery.Read((byte[])[.. message, .. edns]) is { HasEdns: true, UdpLimit: 4096 });
        edns[3] = 0;
        Assert.Equal(512, DnsQuery.Read((byte[])[.. message, .. edns])!.UdpLimit); // none may be smaller
    }

    public static TheoryData<string, byte[]> Noise => new()
    {
        { "nothing", [] },
        { "half a header", new byte[11] },
        { "an answer", With(Query("a.b"), 2, 0x80) },
        { "no question", With(Query("a.b"), 5, 0) },
        { "two questions", With(Query("a.b"), 5, 2) },
        { "a name without end", [.. Query("a.b")[..12], 1, (byte)'a'] },
        { "a label beyond the end", [.. Query("a.b")[..12], 60, (byte)'a', 0, 0, 1, 0, 1] },
        { "a pointer to itself", [.. Query("a.b")[..12], 0xC0, 12, 0, 1, 0, 1] },
        { "no type", Query("a.b")[..^3] },
        { "a name of 256", Query(string.Join('.', Enumerable.Repeat(new string('a', 63), 4))) },
    };

    [Theory]
    [MemberData(nameof(Noise))]
    public void Noise_is_not_answered(string what, byte[] message)
    {
        Assert.True(DnsQuery.Read(message) is null, what);
    }

    [Fact]
    public void A_dot_within_a_label_is_no_separator()
    {
        var message = Query("aXb.com");
        message[Array.IndexOf(message, (byte)'X')] = (byte)'.';
        Assert.NotEqual("a.b.com", DnsQuery.Read(message)!.Name);
    }

    [Fact]
    public void Whatever_comes_is_read_or_not_and_what_is_written_is_an_answer_to_it()
    {
        var random = new Random(7);
        var read = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var message = Query(string.Join('.', Enumerable.Range(0, random.Next(1, 6)).Select(_ => new string('a', random.Next(1, 64)))), type: 1, additional: random.Next(3));
            message = [.. message, .. Enumerable.Range(0, random.Next(30)).Select(_ => (byte)random.Next(256))];
            for (var flips = random.Next(4); flips > 0; flips--) message[random.Next(message.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) message = message[..random.Next(message.Length)];
            if (DnsQuery.Read(message) is not { } query) continue;
            read++;
            var alias = random.Next(2) == 0 ? null : "api.example.com";
            IPAddress[] addresses = [.. Enumerable.Range(0, random.Next(0, 40)).Select(_ => new IPAddress(random.NextInt64(1, uint.MaxValue)))];
            var answer = DnsAnswer.Write(query, alias, addresses, query.UdpLimit);
            Assert.InRange(answer.Length, 12, query.UdpLimit);
            Assert.Equal(message[..2], answer[..2]);
            Assert.True((answer[2] & 0x80) != 0);
            Assert.InRange(DnsAnswer.Fail(query, 2).Length, 12, 512);
        }

        Assert.InRange(read, 10_000, 100_000);
    }

    [Fact]
    public void Resolv_conf_names_three_servers_at_most_and_the_last_search_list_counts()
    {
        var file = ResolvConf.Read(["nameserver 10.96.0.10 ", "search old.example", "options ndots:5", "search Default.svc.cluster.local svc.cluster.local.", "nameserver ::1", "nameserver what", "nameserver 1.1.1.1", "nameserver 9.9.9.9"]);

        Assert.Equal(["10.96.0.10:53", "[::1]:53", "1.1.1.1:53"], file.Servers.Select(server => server.ToString()));
        Assert.Equal(["default.svc.cluster.local", "svc.cluster.local"], file.Search);
    }

    private static byte[] Query(string name, int type = 1, int additional = 0) =>
    [
        0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, (byte)additional,
        .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, (byte)type, 0, 1,
    ];

    private static byte[] With(byte[] message, int at, byte value)
    {
        message[at] = value;
        return message;
    }
}
