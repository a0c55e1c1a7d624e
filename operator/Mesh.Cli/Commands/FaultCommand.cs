using System.CommandLine;
using Mesh.Local;
using Mesh.Local.Faults;
using Mesh.Local.Node;

namespace Mesh.Cli.Commands;

/// <summary>`mesh fault`: breaks what is between pods, stops pods, loses nodes; shows what is broken and mends it.</summary>
internal static class FaultCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("fault", "Break things on purpose: delay, loss, rate or a cut between pods, stopped pods, lost nodes, a lost operator; all of it ends with the mesh");
        // Before the verb or after it: it is the same mesh.
        var name = CommonOptions.Name();
        name.Recursive = true;
        command.Options.Add(name);
        command.Subcommands.Add(FaultLinkCommand.Create("delay", "Delay packets", ReadDelay, "TIME", "How long, as in 200ms or 1.5s", name, output, error));
        command.Subcommands.Add(FaultLinkCommand.Create("loss", "Lose a share of the packets", ReadLoss, "SHARE", "How many, as in 10%", name, output, error));
        command.Subcommands.Add(FaultLinkCommand.Create("rate", "Slow packets down to a rate", ReadRate, "RATE", "How fast, as in 500kbit or 1mbit (all packets of the fault on one node share it)", name, output, error));
        command.Subcommands.Add(FaultLinkCommand.CreateCut(name, output, error));
        command.Subcommands.Add(Pod("pause", "Stop every process of a pod (SIGSTOP): it takes connections and never answers", name, output, error));
        command.Subcommands.Add(Pod("resume", "Let a paused pod run on", name, output, error));
        command.Subcommands.Add(Node(name, output, error));
        command.Subcommands.Add(Operator(name, output, error));
        command.Subcommands.Add(FaultListCommand.Create(name, output));
        command.Subcommands.Add(Remove(name, output, error));
        return command;
    }

    /// <summary>Asks the running mesh and says what it answered.</summary>
    internal static async Task<int> AskAsync(string mesh, TextWriter output, TextWriter error, Func<FaultClient, Task<FaultAnswer>> ask)
    {
        var paths = MeshPaths.For(mesh);
        CommonOptions.Running(paths);
        using var client = new FaultClient(paths);
        var answer = await ask(client);
        if (answer.Ok) await output.WriteLineAsync(answer.Message);
        else await error.WriteLineAsync($"mesh fault: {answer.Message}");
        return answer.Ok ? ExitCodes.Fine : ExitCodes.Usage;
    }

    private static Fault? ReadDelay(string text, Fault fault) => FaultAmounts.Time(text) is { } time ? fault with { DelayMilliseconds = time } : null;

    private static Fault? ReadLoss(string text, Fault fault) => FaultAmounts.Percent(text) is { } percent ? fault with { LossPercent = percent } : null;

    private static Fault? ReadRate(string text, Fault fault) => FaultAmounts.Rate(text) is { } rate ? fault with { BitsPerSecond = rate } : null;

    private static Command Pod(string action, string description, Option<string> name, TextWriter output, TextWriter error)
    {
        var ns = CommonOptions.Namespace();
        var pod = new Argument<string>("pod") { Description = "NAME, pod/NAME or deploy/NAME" };
        var command = new Command(action, description) { ns, pod };
        command.SetAction((result, cancellation) => AskAsync(result.GetValue(name)!, output, error, client =>
        {
            var running = new RunningContainers(Path.Combine(MeshPaths.For(result.GetValue(name)!).Node, "running"));
            return client.PodAsync(result.GetValue(ns)!, running.Pod(result.GetValue(ns)!, result.GetValue(pod)!), action, cancellation);
        }));
        return command;
    }

    private static Command Node(Option<string> name, TextWriter output, TextWriter error)
    {
        var action = new Argument<string>("action") { Description = "off: its containers die, nothing is heard of it; on: it starts again; cut: its cable is pulled, its pods run on alone; join: plugged in again" };
        action.AcceptOnlyFromAmong("off", "on", "cut", "join");
        var node = new Argument<string>("node") { Description = "As in `kubectl get nodes`" };
        var command = new Command("node", "Lose a node of a mesh that has several (mesh up --nodes 3), and get it back") { action, node };
        command.SetAction((result, cancellation) => AskAsync(result.GetValue(name)!, output, error, client => client.NodeAsync(result.GetValue(node)!, result.GetValue(action)!, cancellation)));
        return command;
    }

    private static Command Operator(Option<string> name, TextWriter output, TextWriter error)
    {
        var action = new Argument<string>("action") { Description = "off: killed, and kept from starting again; on: it starts" };
        action.AcceptOnlyFromAmong("off", "on");
        var command = new Command("operator", "Lose the operator, and get it back: traffic goes on, rules and certificates stand still") { action };
        command.SetAction((result, cancellation) => AskAsync(result.GetValue(name)!, output, error, client => client.OperatorAsync(result.GetValue(action)!, cancellation)));
        return command;
    }

    private static Command Remove(Option<string> name, TextWriter output, TextWriter error)
    {
        var all = new Option<bool>("--all") { Description = "Mend everything: faults, paused pods, lost nodes, the operator" };
        var fault = new Argument<string?>("fault") { Description = "Name of a fault, as in `mesh fault list`", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("remove", "Take a fault away") { all, fault };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(fault) is not null)) result.AddError("name one fault, or --all");
        });
        command.SetAction((result, cancellation) => AskAsync(result.GetValue(name)!, output, error, client => client.RemoveAsync(result.GetValue(fault), cancellation)));
        return command;
    }
}
