using System.Net;
using Mesh.Bookinfo;

switch (args)
{
    case ["--service", "tcp-echo", .. var given]:
        using (var stop = new CancellationTokenSource())
        using (System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        }))
        {
            return await TcpEchoService.RunAsync(given, stop.Token);
        }

    case ["--service", "fortio", .. var given] when FortioCommand.IsCommand(given):
        return await FortioCommand.RunAsync(given);
    case ["--service", "fortio", ..]:
        args = ["--service", "fortio", "--port", "8080"];
        break;
}

var builder = WebApplication.CreateSlimBuilder(args);
var options = BookinfoOptions.From(builder.Configuration);
if (options is null)
{
    await Console.Error.WriteLineAsync("usage: Mesh.Bookinfo --service productpage|details|reviews|ratings|httpbin|fortio [--version v1|v2|v3|v-faulty|v-delayed] [--port 9080]");
    return 2;
}
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(options.Address, options.Port);
});

var app = builder.Build();
// Which of several pods answered is what this sample is about, so every answer says it.
app.Use((context, next) =>
{
    context.Response.Headers[ServiceAnswer.PodHeader] = options.Pod;
    context.Response.Headers[ServiceAnswer.VersionHeader] = options.Version;
    return next(context);
});
var title = char.ToUpperInvariant(options.Service[0]) + options.Service[1..];
app.MapGet("/health", () => Results.Json(new { status = $"{title} is healthy" }));
switch (options.Service)
{
    case "productpage": new ProductPageService(options, new BookClient(options)).Map(app); break;
    case "details": new DetailsService().Map(app); break;
    case "reviews": new ReviewsService(options, new BookClient(options)).Map(app); break;
    case "httpbin": new HttpbinService().Map(app); break;
    case "fortio": app.MapFallback(static async (HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body)); break; // its echo server
    case "ratings": new RatingsService(options).Map(app); break;
}
await app.StartAsync();
Console.WriteLine($"{options.Service} {options.Version} ({options.Pod}) listens on {new IPEndPoint(options.Address, options.Port)}");
await app.WaitForShutdownAsync();
return 0;
