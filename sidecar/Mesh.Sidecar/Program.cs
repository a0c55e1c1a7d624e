using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mesh.Sidecar.Control;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

// The sidecar's process: environment in, one Sidecar, signals out.
var options = SidecarOptions.FromEnvironment(Environment.GetEnvironmentVariable);
var level = new LoggingLevelSwitch(Enum.TryParse<LogEventLevel>(options.LogLevel, ignoreCase: true, out var asked) ? asked : LogEventLevel.Information);

// The process's own log goes to stderr: stdout is the access log's.
await using var logger = new LoggerConfiguration()
    .MinimumLevel.ControlledBy(level)
    .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
    .WriteTo.Console(
        outputTemplate: "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}",
        standardErrorFromLevel: LogEventLevel.Verbose)
    .CreateLogger();
using var loggers = new SerilogLoggerFactory(logger);

var firstSignal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var stopping = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

await using var sidecar = new Mesh.Sidecar.Sidecar(options, loggers, level, TimeProvider.System, Random.Shared);
try
{
    await sidecar.StartAsync(stopping.Token);
    await sidecar.AcceptAsync(stopping.Token);
}
catch (OperationCanceledException)
{
    return 0; // told to stop before there was a config: nothing to drain
}
catch (Exception e) when (e is IOException or SocketException)
{
    logger.Fatal("A port cannot be opened: {Error}", e.Message);
    return 1;
}

await firstSignal.Task;
await sidecar.DrainAsync();
return 0;

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    if (!firstSignal.TrySetResult()) Environment.Exit(1); // the second one means now
    stopping.Cancel();
}
