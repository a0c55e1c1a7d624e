using System.Buffers;
using System.Text;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// Objects of one kind as one of its versions shows them, in JSON: the bytes they rest in, copied once into the answer under
/// the kind and version asked for. So a get, a list and two hundred watches of the same object encode nothing.
/// </summary>
internal sealed class ObjectText(ApiResource resource, string apiVersion)
{
    private const int FlushAt = 128 * 1024;

    private readonly byte[] type = Encoding.UTF8.GetBytes(
        $"{{\"kind\":\"{JsonEncodedText.Encode(resource.Kind)}\",\"apiVersion\":\"{JsonEncodedText.Encode(apiVersion)}\",");

    private readonly bool converts = EventConversion.Applies(resource);

    public void Write(IBufferWriter<byte> to, StoredObject item)
    {
        to.Write(type);
        to.Write(Shown(item).Rest);
    }

    public async Task SendAsync(HttpContext context, int status, StoredObject item)
    {
        var shown = Shown(item);
        Begin(context, status, type.Length + shown.Rest.Length + 1);
        var body = context.Response.BodyWriter;
        body.Write(type);
        body.Write(shown.Rest);
        body.Write("\n"u8);
        await body.FlushAsync(context.RequestAborted);
    }

    /// <summary>A list goes out as it is written: no copy of the whole is ever in memory.</summary>
    public async Task SendListAsync(HttpContext context, ListPage page)
    {
        IReadOnlyList<StoredObject> items = converts ? [.. page.Items.Select(Shown)] : page.Items;
        var head = ListHead(page);
        // Items of built-in lists carry no type, those of custom ones do.
        var first = resource.IsCustom ? type : "{"u8.ToArray();
        Begin(context, 200, head.WrittenCount + items.Sum(item => (long)first.Length + item.Rest.Length + 1) + (items.Count == 0 ? 1 : 0) + 2);
        var body = context.Response.BodyWriter;
        body.Write(head.WrittenSpan);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                body.Write(","u8);
            body.Write(first);
            body.Write(items[i].Rest);
            if (body.UnflushedBytes > FlushAt)
                await body.FlushAsync(context.RequestAborted);
        }

        body.Write("]}\n"u8);
        await body.FlushAsync(context.RequestAborted);
    }

    private static void Begin(HttpContext context, int status, long length)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = length;
    }

    private ArrayBufferWriter<byte> ListHead(ListPage page)
    {
        var head = new ArrayBufferWriter<byte>(512);
        using var writer = JsonAccess.NewWriter(head);
        writer.WriteStartObject();
        writer.WriteString("kind", resource.ListKind);
        writer.WriteString("apiVersion", apiVersion);
        Answers.WriteListMetadata(writer, page, resource.IsCustom);
        writer.WriteStartArray("items");
        writer.Flush();
        return head;
    }

    private StoredObject Shown(StoredObject item) =>
        converts ? StoredObject.Of(EventConversion.ToEventsGroup(item.Edit()), item.Revision) : item;
}
