using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Faults;

/// <summary>
/// Where `mesh fault` comes in: HTTP on a Unix socket in the mesh's own state directory, which only its owner can enter.
/// Each command is answered when it is in force.
/// </summary>
internal sealed class FaultDoor : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FaultDoor(WebApplication application) => _application = application;

    public static async Task<FaultDoor> OpenAsync(string path, FaultInjector faults, PodPauses pauses, MeshNodes nodes, OperatorProcess? meshOperator, CancellationToken cancellation)
    {
        File.Delete(path); // Of a run that was killed.
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        using var short_ = ShortPath.To(path);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(short_.Path));
        var application = builder.Build();
        Map(application, faults, pauses, nodes, meshOperator);
        await application.StartAsync(cancellation);
        return new FaultDoor(application);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static void Map(WebApplication application, FaultInjector faults, PodPauses pauses, MeshNodes nodes, OperatorProcess? meshOperator)
    {
        application.MapGet("/", context => WriteAsync(context, new FaultState
        {
            Faults = faults.InForce,
            Paused = [.. pauses.All],
            Nodes = [.. nodes.All.Select(n => new NodeState(n.Identity.Name, n.Identity.Zone, nodes.StateOf(n)))],
            OperatorIsOff = meshOperator is { IsOn: false },
        }));
        application.MapPost("/faults", context => AnswerAsync(context, async () =>
        {
            var fault = await JsonSerializer.DeserializeAsync(context.Request.Body, LocalJson.Default.Fault, context.RequestAborted);
            var made = await faults.AddAsync(fault!, context.RequestAborted);
            return $"{made.Name}: {made.Effect()} from {made.From} to {made.To}{(made.BothWays ? " and back" : "")}";
        }));
        application.MapDelete("/faults/{name}", context => AnswerAsync(context, async () =>
        {
            var name = Route(context, "name");
            return await faults.RemoveAsync(name, context.RequestAborted) == 1 ? $"{name} removed" : throw new FaultException($"there is no fault {name}{Known(faults)}");
        }));
        application.MapDelete("/faults", context => AnswerAsync(context, async () =>
        {
            var removed = await faults.RemoveAsync(null, context.RequestAborted);
            pauses.ResumeAll();
            meshOperator?.SwitchOn();
            foreach (var node in nodes.All.Where(n => nodes.StateOf(n) != "on"))
            {
                await nodes.SetCableAsync(node.Identity.Name, true, context.RequestAborted);
                await nodes.SwitchOnAsync(node.Identity.Name, context.RequestAborted);
            }

            return $"{removed} {(removed == 1 ? "fault" : "faults")} removed; every pod runs on, every node and the operator are on";
        }));
        application.MapPost("/pods/{ns}/{name}/{action}", context => AnswerAsync(context, async () => await Pod(pauses, Route(context, "ns"), Route(context, "name"), Route(context, "action"))));
        application.MapPost("/operator/{action}", context => AnswerAsync(context, async () => await Operator(meshOperator ?? throw new FaultException("this cluster began without an operator (--bare); one that was deployed is taken away by kubectl -n mesh-system scale deployment mesh-operator --replicas 0"), Route(context, "action"))));
        application.MapPost("/nodes/{name}/{action}", context => AnswerAsync(context, async () =>
        {
            var (name, action) = (Route(context, "name"), Route(context, "action"));
            await NodeAsync(nodes, name, action, context.RequestAborted);
            return $"{name}: {action}";
        }));
    }

    private static Task<string> Operator(OperatorProcess meshOperator, string action)
    {
        switch (action)
        {
            case "off":
                meshOperator.SwitchOff();
                return Task.FromResult("the operator is killed and stays away");
            case "on":
                meshOperator.SwitchOn();
                return Task.FromResult("the operator starts");
            default:
                throw new FaultException($"{action}: off or on");
        }
    }

    private static Task<string> Pod(PodPauses pauses, string ns, string name, string action) => Task.FromResult(action switch
    {
        "pause" => $"{ns}/{name}: {pauses.Pause(ns, name)} processes stopped",
        "resume" => $"{ns}/{name}: {pauses.Resume(ns, name)} processes run on",
        _ => throw new FaultException($"{action}: pause or resume"),
    });

    private static Task NodeAsync(MeshNodes nodes, string name, string action, CancellationToken cancellation) => action switch
    {
        "off" => nodes.SwitchOffAsync(name, cancellation),
        "on" => nodes.SwitchOnAsync(name, cancellation),
        "cut" => nodes.SetCableAsync(name, false, cancellation),
        "join" => nodes.SetCableAsync(name, true, cancellation),
        _ => throw new FaultException($"{action}: off, on, cut or join"),
    };

    private static async Task AnswerAsync(HttpContext context, Func<Task<string>> work)
    {
        FaultAnswer answer;
        try
        {
            answer = new FaultAnswer(true, await work());
        }
        catch (Exception e) when (e is FaultException or KeyNotFoundException or IOException or JsonException)
        {
            answer = new FaultAnswer(false, e.Message);
        }

        context.Response.StatusCode = answer.Ok ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, LocalJson.Default.FaultAnswer, context.RequestAborted);
    }

    private static async Task WriteAsync(HttpContext context, FaultState state)
    {
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, state, LocalJson.Default.FaultState, context.RequestAborted);
    }

    private static string Known(FaultInjector faults) => faults.InForce is { IsEmpty: false } some ? "; there are: " + string.Join(", ", some.Select(f => f.Fault.Name)) : "";

    private static string Route(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;
}
