namespace Mesh.Local.ApiServer.Streaming.Spdy;

/// <summary>One stream that the client opened, with the headers it opened it with. Each side ends its own half.</summary>
internal sealed class SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers) : RemoteStream
{
    /// <summary>The statuses of a reset: the client did what it must not; we are done with the stream.</summary>
    public const int ProtocolError = 1, Cancel = 5;

    private bool ended;
    private bool endReceived;
    private int uncredited;

    public int Id => id;

    public bool EndReceived => endReceived;

    /// <summary>Empty when the client gave no such header.</summary>
    public string Header(string name) => headers.GetValueOrDefault(name, "");

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => connection.SendDataAsync(this, bytes, false, cancellation);

    public override async ValueTask EndAsync(CancellationToken cancellation)
    {
        if (ended)
            return;
        ended = true;
        await connection.SendDataAsync(this, default, true, cancellation);
        if (endReceived)
            connection.Forget(this);
    }

    /// <summary>Breaks the stream off on both sides.</summary>
    public ValueTask ResetAsync(int status, CancellationToken cancellation)
    {
        ended = true;
        connection.Forget(this);
        return connection.SendControlAsync(SpdyFrame.Control(SpdyFrameKind.Reset, id, status), cancellation);
    }

    /// <summary>Called by the connection's reader: the client ended its half, or (with a reason) both.</summary>
    public void Ended(Exception? broken)
    {
        endReceived = true;
        EndReceive(broken);
        if (broken is not null)
            ended = true;
        if (ended)
            connection.Forget(this);
    }

    /// <summary>How much more the client may send after <paramref name="taken"/> bytes; told in large steps.</summary>
    public int Credit(int taken)
    {
        const int step = 32 * 1024;
        uncredited += taken;
        if (uncredited < step)
            return 0;
        var credit = uncredited;
        uncredited = 0;
        return credit;
    }
}
