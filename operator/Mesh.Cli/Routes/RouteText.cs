using System.Globalization;

namespace Mesh.Cli.Routes;

/// <summary>An answer for people: what happens first, then why.</summary>
internal static class RouteText
{
    public static void Write(RouteQuestion question, RouteAnswer answer, TextWriter output)
    {
        output.WriteLine(question.IsOpaque || question.IsTls
            ? $"{(question.IsTls ? "TLS" : "TCP")} to {question.To.Host}{(question.Address is { } address ? $" {address}" : $":{question.Port.ToString(CultureInfo.InvariantCulture)}")} from {question.From}"
            : $"{question.Method} {question.To} from {question.From}");
        output.WriteLine($"  {Outcome(answer)}");
        if (answer.VirtualService is { } owner) output.WriteLine($"  by       VirtualService {owner}, {answer.Rule}{(answer.RuleName is { } name ? $" \"{name}\"" : "")}");
        var sum = answer.Destinations.Sum(destination => (double)destination.Weight);
        foreach (var destination in answer.Destinations)
        {
            var share = answer.Destinations.Count == 1 ? 100 : sum > 0 ? 100 * destination.Weight / sum : 0;
            var missing = destination.Status is { } status ? $"  answers {status.ToString(CultureInfo.InvariantCulture)}: {destination.Message}" : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {share,5:0.##} %  {destination.Cluster}{missing}"));
            Headers(output, destination.Headers, "           ");
        }

        Details(answer, output);
        output.WriteLine("  why");
        foreach (var line in answer.Why) output.WriteLine($"    {line}");
    }

    private static string Outcome(RouteAnswer answer) => answer.Outcome switch
    {
        "redirect" => string.Create(CultureInfo.InvariantCulture, $"is redirected ({answer.Status}) to {answer.Location}"),
        "directResponse" => string.Create(CultureInfo.InvariantCulture, $"is answered {answer.Status} by the sidecar itself"),
        "notFound" => "is answered 404: no rule takes it",
        "broken" => string.Create(CultureInfo.InvariantCulture, $"is answered {answer.Status}: the rule cannot be carried out"),
        "passthrough" => "is passed through to where the client meant it to go",
        "blackhole" => $"is refused{(answer.Status is { } status ? string.Create(CultureInfo.InvariantCulture, $" ({status})") : "")}: only known destinations are let out",
        _ => answer.Destinations.Count == 1 ? "goes to" : answer.SplitBy is { } key ? $"goes to, split by {key}" : "goes to",
    };

    private static void Details(RouteAnswer answer, TextWriter output)
    {
        if (answer.Rewrite?.Path is { } path) output.WriteLine($"  path     {path}");
        if (answer.Rewrite?.Authority is { } authority) output.WriteLine($"  host     {authority}");
        Headers(output, answer.Headers, "  ");
        if (answer.Fault?.Delay is { } delay) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  fault    {delay.Percentage} % wait {delay.FixedDelay}"));
        if (answer.Fault?.Abort is { } abort) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  fault    {abort.Percentage} % are answered {(abort.HttpStatus is { } http ? $"{http}" : $"gRPC status {abort.GrpcStatus}")}"));
        foreach (var mirror in answer.Mirrors) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  mirror   {mirror.Percentage} % to {mirror.Cluster}"));
        if (answer.Timeout is { } timeout) output.WriteLine($"  timeout  {timeout}");
        if (answer.Retries is { } retries) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  retries  {retries.Attempts} on {retries.RetryOn}{(retries.PerTryTimeout is { } each ? $", {each} a try" : "")}"));
    }

    private static void Headers(TextWriter output, AnsweredHeaders? headers, string indent)
    {
        if (headers is null) return;
        Headers(output, headers.Request, $"{indent}request  ");
        Headers(output, headers.Response, $"{indent}response ");
    }

    private static void Headers(TextWriter output, AnsweredHeaderChanges changes, string prefix)
    {
        foreach (var name in changes.Remove) output.WriteLine($"{prefix}-{name}");
        foreach (var (name, value) in changes.Set) output.WriteLine($"{prefix}{name}: {value}");
        foreach (var (name, value) in changes.Add) output.WriteLine($"{prefix}+{name}: {value}");
    }
}
