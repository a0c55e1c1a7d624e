using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Protobuf;

/// <summary>A Status in Kubernetes' protobuf encoding, for clients that take nothing else: so they too can read why they were refused.</summary>
internal static class ProtobufStatus
{
    public static byte[] Write(JsonObject status)
    {
        var message = new WireWriter();
        message.Message(1, metadata => metadata.Text(3, status.Text("metadata", "continue")));
        message.Text(2, status.Text("status"));
        message.Text(3, status.Text("message"));
        message.Text(4, status.Text("reason"));
        if (status.Map("details") is { } details)
            message.Message(5, one => Details(one, details));
        message.Number(6, status.Integer("code") ?? 0);

        var envelope = new WireWriter();
        envelope.Message(1, type =>
        {
            type.Text(1, "v1");
            type.Text(2, "Status");
        });
        envelope.Bytes(2, message.Written);
        envelope.Text(3, "");
        envelope.Text(4, "");
        return [.. "k8s\0"u8, .. envelope.Written];
    }

    private static void Details(WireWriter writer, JsonObject details)
    {
        writer.Text(1, details.Text("name"));
        writer.Text(2, details.Text("group"));
        writer.Text(3, details.Text("kind"));
        foreach (var cause in details.List("causes") ?? [])
        {
            writer.Message(4, one =>
            {
                one.Text(1, cause.Text("reason"));
                one.Text(2, cause.Text("message"));
                one.Text(3, cause.Text("field"));
            });
        }

        writer.Number(5, details.Integer("retryAfterSeconds") ?? 0);
        writer.Text(6, details.Text("uid"));
    }
}
