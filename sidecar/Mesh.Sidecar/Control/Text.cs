using System.Text;

namespace Mesh.Sidecar.Control;

/// <summary>Small answers of the control ports.</summary>
internal static class Text
{
    public static Task WriteAsync(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8") =>
        WriteAsync(context, status, Encoding.UTF8.GetBytes(text), type);

    public static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body, string type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
