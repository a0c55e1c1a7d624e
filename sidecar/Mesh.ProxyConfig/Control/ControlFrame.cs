using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Mesh.Config.Control;

/// <summary>
/// One message on the wire: length of the message, length of the attachment (each four bytes, big-endian), the message as
/// JSON, the attachment. Only a push has an attachment: the config document, gzip or plain, as in the record.
/// </summary>
/// <param name="Message">The message.</param>
/// <param name="Attachment">Bytes that go with it.</param>
public readonly record struct ControlFrame(ControlMessage Message, ReadOnlyMemory<byte> Attachment)
{
    /// <summary>Longest message taken.</summary>
    public const int MostMessageBytes = 4 * 1024 * 1024;

    /// <summary>Longest attachment taken.</summary>
    public const int MostAttachmentBytes = 256 * 1024 * 1024;

    private const int HeadLength = 8;

    /// <summary>Writes one frame.</summary>
    public static void Write(IBufferWriter<byte> output, ControlMessage message, ReadOnlySpan<byte> attachment = default)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, ProxyConfigJson.Default.ControlMessage);
        var head = output.GetSpan(HeadLength);
        BinaryPrimitives.WriteInt32BigEndian(head, json.Length);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], attachment.Length);
        output.Advance(HeadLength);
        output.Write(json);
        output.Write(attachment);
    }

    /// <summary>Takes one frame off the front, or nothing when it is not all there.</summary>
    /// <param name="input">What has arrived; what was taken is cut off.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="mostAttachment">Longest attachment to take, known from the head: 0 for who is sent none, and holds nothing for it.</param>
    /// <param name="fromSidecar">A sidecar speaks, who may be newer: members that are not known are passed over.</param>
    /// <exception cref="JsonException">The bytes are no frame.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, out ControlFrame frame, int mostAttachment = MostAttachmentBytes, bool fromSidecar = false)
    {
        frame = default;
        if (input.Length < HeadLength) return false;
        Span<byte> head = stackalloc byte[HeadLength];
        input.Slice(0, HeadLength).CopyTo(head);
        var (message, attachment) = (BinaryPrimitives.ReadInt32BigEndian(head), BinaryPrimitives.ReadInt32BigEndian(head[4..]));
        if (message is < 2 or > MostMessageBytes || attachment < 0 || attachment > mostAttachment)
            throw new JsonException($"not a frame: a message of {message} bytes with {attachment} more is not taken");
        if (input.Length < HeadLength + (long)message + attachment) return false;
        var json = input.Slice(HeadLength, message).ToArray();
        frame = new ControlFrame(fromSidecar ? ProxyConfigJson.ReadSaid<ControlMessage>(json) : ProxyConfigJson.Read<ControlMessage>(json), input.Slice(HeadLength + message, attachment).ToArray());
        input = input.Slice(HeadLength + (long)message + attachment);
        return true;
    }
}
