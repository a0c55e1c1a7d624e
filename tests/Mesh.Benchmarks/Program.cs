using System.CommandLine;
using System.Text.Json;
using Mesh.Benchmarks;
using Mesh.Benchmarks.Api;
using Mesh.Benchmarks.Apply;
using Mesh.Benchmarks.Convergence;
using Mesh.Benchmarks.Hop;
using Mesh.Benchmarks.MutualTls;
using Mesh.Benchmarks.Publish;
using Mesh.Benchmarks.Scale;
using Mesh.Benchmarks.Soak;
using Mesh.Testing;

// make bench: measures, prints tables, writes docs/benchmarks.md. It measures and never judges: no time is asserted.
// make soak: breaks a mesh under load, and judges.
var what = new Argument<string>("WHAT") { Description = "hop, mtls, apply, convergence, api, operator, publish or all (which leaves operator and publish out)", DefaultValueFactory = _ => "all" };
what.AcceptOnlyFromAmong("hop", "mtls", "apply", "convergence", "api", "operator", "publish", "all");
var seconds = new Option<int>("--seconds") { Description = "Length of one run of load", DefaultValueFactory = _ => 4 };
var rounds = new Option<int>("--rounds") { Description = "Runs of each target in each load", DefaultValueFactory = _ => 3 };
var pods = new Option<int[]>("--pods") { Description = "Numbers of pods for apply", DefaultValueFactory = _ => [6, 50], AllowMultipleArgumentsPerToken = true };
var changes = new Option<int>("--changes") { Description = "Changes of the route for apply", DefaultValueFactory = _ => 10 };
var many = new Option<int>("--many") { Description = "Objects of one kind for api; 0 leaves that part out", DefaultValueFactory = _ => 100_000 };
var proxies = new Option<int[]>("--proxies") { Description = "Numbers of simulated proxies for convergence, growing", DefaultValueFactory = _ => [6, 50, 1000], AllowMultipleArgumentsPerToken = true };
var repeats = new Option<int>("--repeats") { Description = "Rounds of convergence for each number of proxies", DefaultValueFactory = _ => 30 };
var small = new Option<bool>("--small") { Description = "For operator: a small mesh, in a minute; nothing is written" };
var services = new Option<int>("--services") { Description = "Services for operator", DefaultValueFactory = _ => ScaleSize.Whole.Services };
var members = new Option<int>("--members") { Description = "Pods of each Service for operator", DefaultValueFactory = _ => ScaleSize.Whole.Members };
var command = new RootCommand("Measures Mesh on this machine.") { what, seconds, rounds, pods, changes, many, proxies, repeats, small, services, members };
var directory = new Argument<string>("DIRECTORY");
var server = new System.CommandLine.Command(ApiServerProcess.Word, "Be the server that the api bench measures") { directory };
server.Hidden = true;
server.SetAction(result => ApiServerProcess.ServeAsync(result.GetValue(directory)!));
command.Add(server);
var output = new Argument<string>("OUTPUT");
var times = new Argument<int>("REPEATS");
var counts = new Argument<int[]>("PROXIES");
var inside = new System.CommandLine.Command(ConvergenceBench.Word, "Measure convergence, in a network namespace of its own") { output, times, counts };
inside.Hidden = true;
inside.SetAction(result => ConvergenceBench.InsideAsync(result.GetValue(output)!, result.GetValue(times), result.GetValue(counts)!));
command.Add(inside);
var size = new Argument<string>("SIZE");
var atSize = new System.CommandLine.Command(ScaleBench.Word, "Measure the operator, in a network namespace of its own") { output, size };
atSize.Hidden = true;
atSize.SetAction(result => ScaleBench.InsideAsync(result.GetValue(output)!, JsonSerializer.Deserialize<ScaleSize>(result.GetValue(size)!)!));
command.Add(atSize);
var fault = new Option<string>("--fault") { Description = "Only faults whose name holds this; then nothing is written", DefaultValueFactory = _ => "" };
var breaks = new System.CommandLine.Command("soak", "Breaks a mesh under load and judges what came of it; exit 1 where an expectation did not hold") { seconds, fault };
breaks.SetAction(async result =>
{
    try
    {
        var lines = await SoakBench.RunAsync(Math.Max(result.GetValue(seconds), 8), result.GetValue(fault)!, line => Console.WriteLine(SoakTables.Of(line)));
        if (result.GetValue(fault)!.Length == 0) new BenchmarkDocument(Repository.Path("docs/benchmarks.md")).Put("soak", SoakTables.Of(lines));
        Console.WriteLine($"soak: {lines.Sum(line => line.Result.Requests)} requests, {lines.Count(line => line.Held)} of {lines.Count} expectations held");
        return lines.All(line => line.Held) ? 0 : 1;
    }
    catch (InvalidOperationException e)
    {
        await Console.Error.WriteLineAsync($"soak: {e.Message}");
        return 2;
    }
});
command.Add(breaks);
command.SetAction(async result =>
{
    var document = new BenchmarkDocument(Repository.Path("docs/benchmarks.md"));
    try
    {
        if (result.GetValue(what) is "hop" or "all")
            document.Put("hop", HopTables.Of(HopBench.Run(result.GetValue(seconds), result.GetValue(rounds))));
        if (result.GetValue(what) is "mtls" or "all")
            document.Put("mtls", MutualTlsTables.Of(MutualTlsBench.Run(result.GetValue(seconds), result.GetValue(rounds))));
        if (result.GetValue(what) is "apply" or "all")
            document.Put("apply", ApplyTables.Of(await ApplyBench.Run(result.GetValue(pods)!, result.GetValue(changes))));
        if (result.GetValue(what) is "convergence" or "all")
            document.Put("convergence", ConvergenceTables.Of(await ConvergenceBench.RunAsync(result.GetValue(proxies)!, result.GetValue(repeats))));
        if (result.GetValue(what) is "api" or "all")
            document.Put("api", ApiTables.Of(await ApiBench.RunAsync(result.GetValue(seconds), result.GetValue(many))));
        if (result.GetValue(what) is "operator")
        {
            var wanted = result.GetValue(small) ? ScaleSize.Small : ScaleSize.Whole with { Services = result.GetValue(services), Members = result.GetValue(members) };
            var table = ScaleTables.Of(await ScaleBench.RunAsync(wanted));
            if (wanted == ScaleSize.Small)
            {
                Console.WriteLine(table);
                return 0;
            }

            document.Put("operator", table);
        }

        if (result.GetValue(what) is "publish")
            document.Put("publish", PublishTables.Of(PublishBench.Run(result.GetValue(seconds), result.GetValue(rounds))));
        Console.WriteLine($"written to {document.Path}");
        return 0;
    }
    catch (InvalidOperationException e)
    {
        await Console.Error.WriteLineAsync($"bench: {e.Message}");
        return 2;
    }
});
return await command.Parse(args).InvokeAsync();
