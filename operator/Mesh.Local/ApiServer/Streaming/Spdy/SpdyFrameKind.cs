namespace Mesh.Local.ApiServer.Streaming.Spdy;

/// <summary>What a frame is for; the numbers are the protocol's, data has none.</summary>
internal enum SpdyFrameKind
{
    Data = 0,
    SynStream = 1,
    SynReply = 2,
    Reset = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    Headers = 8,
    WindowUpdate = 9,
}
