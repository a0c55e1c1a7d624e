using System.CommandLine;
using Mesh.Local.Faults;

namespace Mesh.Cli.Commands;

/// <summary>`mesh fault delay|loss|rate|cut --from A --to B`: a fault between two sides.</summary>
internal static class FaultLinkCommand
{
    private const string Sides = "pod/NAME, deploy/NAME, namespace/NAME, node/NAME, zone/NAME, LABEL=VALUE or any";

    public static Command Create(
        string kind, string description, Func<string, Fault, Fault?> read, string amountName, string amountDescription, Option<string> name, TextWriter output, TextWriter error)
    {
        var amount = new Argument<string>(amountName) { Description = amountDescription };
        var both = new Option<bool>("--both-ways") { Description = "The packets of the other direction too" };
        var jitter = new Option<string?>("--jitter") { Description = "With delay: how much more or less each packet may take" };
        Validate(amount, read);
        jitter.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && FaultAmounts.Time(text) is null) result.AddError($"--jitter {text}: a time such as 20ms");
        });
        var (command, from, to, ns, called) = Sided(kind, $"{description} from one side to another");
        command.Arguments.Add(amount);
        command.Options.Add(both);
        if (kind == "delay") command.Options.Add(jitter);
        command.SetAction((result, cancellation) => FaultCommand.AskAsync(result.GetValue(name)!, output, error, client => client.AddAsync(
            read(result.GetValue(amount)!, new Fault
            {
                Name = result.GetValue(called) ?? "",
                From = result.GetValue(from)!,
                To = result.GetValue(to)!,
                Namespace = result.GetValue(ns)!,
                BothWays = result.GetValue(both),
                JitterMilliseconds = kind == "delay" && result.GetValue(jitter) is { } text ? FaultAmounts.Time(text)!.Value : 0,
            })!, cancellation)));
        return command;
    }

    /// <summary>A cut is of both directions: of a connection with one direction nothing works either.</summary>
    public static Command CreateCut(Option<string> name, TextWriter output, TextWriter error)
    {
        var (command, from, to, ns, called) = Sided("cut", "Let nothing pass between two sides");
        command.SetAction((result, cancellation) => FaultCommand.AskAsync(result.GetValue(name)!, output, error, client => client.AddAsync(new Fault
        {
            Name = result.GetValue(called) ?? "",
            From = result.GetValue(from)!,
            To = result.GetValue(to)!,
            Namespace = result.GetValue(ns)!,
            Cut = true,
            BothWays = true,
        }, cancellation)));
        return command;
    }

    private static (Command Command, Option<string> From, Option<string> To, Option<string> Namespace, Option<string?> Called) Sided(string kind, string description)
    {
        var ns = CommonOptions.Namespace();
        var from = new Option<string>("--from") { Description = $"Whose packets: {Sides}", DefaultValueFactory = _ => "any" };
        var to = new Option<string>("--to") { Description = $"To whom: {Sides}", DefaultValueFactory = _ => "any" };
        var called = new Option<string?>("--as") { Description = "A name for the fault; without it the mesh gives one" };
        return (new Command(kind, description) { ns, from, to, called }, from, to, ns, called);
    }

    private static void Validate(Argument<string> amount, Func<string, Fault, Fault?> read) => amount.Validators.Add(result =>
    {
        var text = result.GetValueOrDefault<string>() ?? "";
        if (read(text, new Fault { From = "", To = "", Namespace = "" }) is null) result.AddError($"{text}: {amount.Description}");
    });
}
