using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Mesh.Cli.Files;
using Mesh.Cli.Routes;
using Mesh.Operator.Core.Objects;

namespace Mesh.Cli.Commands;

/// <summary>`mesh route`: where a request goes, and why, without a cluster.</summary>
internal static class RouteCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public static Command Create(TextWriter output, TextWriter error, TextReader input)
    {
        var files = CommonOptions.Files(required: true);
        var from = new Option<string>("--from") { Description = "The caller: NAMESPACE, NAMESPACE/POD or NAMESPACE?app=x,version=y" };
        var gateway = new Option<string>("--gateway") { Description = "NAMESPACE/GATEWAY in place of a caller (not served by this version)" };
        var to = new Option<string>("--to") { Description = "What is called: http://reviews:9080/path, https://…, tls://…, tcp://…", Required = true };
        var method = new Option<string>("-X", "--request") { Description = "Method", DefaultValueFactory = _ => "GET" };
        var headers = new Option<string[]>("-H", "--header") { Description = "Header, as 'name: value'; may be given several times" };
        var sni = new Option<string>("--sni") { Description = "Server name of a TLS connection" };
        var tcp = new Option<string>("--tcp") { Description = "IP:PORT the connection is addressed to" };
        var format = CommonOptions.Output();
        var command = new Command("route", "Tell where a request goes, and why, from files alone") { files, from, gateway, to, method, headers, sni, tcp, format };
        command.SetAction(result =>
        {
            if (result.GetValue(gateway) is not null) return Refuse(error, "--gateway: this version serves no gateways yet; --from asks for a caller in the mesh");
            if (Question(result.GetValue(from), result.GetValue(to)!, result.GetValue(sni), result.GetValue(tcp), error) is not { } question) return ExitCodes.Usage;
            if (Headers(result.GetValue(headers) ?? [], error) is not { } given) return ExitCodes.Usage;
            var read = Documents.Read(result.GetValue(files)!, input);
            foreach (var problem in read.Unreadable) error.WriteLine($"mesh: {problem}");
            if (read.Unreadable.Count > 0) return ExitCodes.Usage;
            question = question with { Method = result.GetValue(method)!, Headers = given };
            var world = RouteWorld.Of(ClusterObjects.OfFiles(WithAddresses(Objects(read))).Snapshot(), question.From);
            var answer = new RouteFinder(world, question).Find();
            if (result.GetValue(format) == "json") output.WriteLine(JsonSerializer.Serialize(answer, Json));
            else RouteText.Write(question, answer, output);
            return ExitCodes.Fine;
        });
        return command;
    }

    // A cluster would give each Service an address of its own; without one connections to it could not be told apart. The
    // range is nobody's (RFC 2544), its lower half stands for pods.
    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> WithAddresses(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects)
    {
        var given = 0;
        foreach (var read in objects)
        {
            if (read is V1Service { Spec: { Type: not "ExternalName" } spec } && string.IsNullOrEmpty(spec.ClusterIP))
            {
                given++;
                spec.ClusterIP = string.Create(CultureInfo.InvariantCulture, $"198.19.{(given >> 8) & 255}.{given & 255}");
            }

            yield return read;
        }
    }

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Objects(Documents read)
    {
        foreach (var document in read.All)
        {
            IKubernetesObject<V1ObjectMeta>? known;
            try
            {
                known = ObjectReader.Read(document.Content, "default");
            }
            catch (JsonException e)
            {
                throw new IOException($"{document.Source}:{document.Line}: {document.Kind} {document.Name}: {e.Message}", e);
            }

            if (known is not null) yield return known;
        }
    }

    private static RouteQuestion? Question(string? from, string to, string? sni, string? tcp, TextWriter error)
    {
        if (from is null) return Wrong(error, "--from is needed: NAMESPACE, NAMESPACE/POD or NAMESPACE?app=x,version=y");
        if (RouteCaller.Parse(from) is not { } caller) return Wrong(error, $"--from {from}: NAMESPACE, NAMESPACE/POD or NAMESPACE?app=x,version=y is expected");
        IPEndPoint? address = null;
        if (tcp is not null && (!IPEndPoint.TryParse(tcp, out address) || address.Port == 0)) return Wrong(error, $"--tcp {tcp}: IP:PORT is expected");
        var text = to.Contains("://", StringComparison.Ordinal) ? to : (tcp is not null && sni is null ? "tcp://" : "http://") + to;
        if (!Uri.TryCreate(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri) || uri.Scheme is not ("http" or "https" or "tcp" or "tls" or "grpc"))
            return Wrong(error, $"--to {to}: a URL is expected, such as http://reviews:9080/path");
        if (uri.Port <= 0 && uri.Scheme == "tcp" && address is null) return Wrong(error, $"--to {to}: a port is needed");
        return new RouteQuestion { From = caller, To = uri, ServerName = sni, Address = address };
    }

    private static RouteQuestion? Wrong(TextWriter error, string problem)
    {
        Refuse(error, problem);
        return null;
    }

    private static List<KeyValuePair<string, string>>? Headers(string[] lines, TextWriter error)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', 1);
            if (colon < 1)
            {
                Refuse(error, $"-H '{line}': 'name: value' is expected");
                return null;
            }

            headers.Add(KeyValuePair.Create(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }

        return headers;
    }

    private static int Refuse(TextWriter error, string problem)
    {
        error.WriteLine($"mesh: {problem}");
        return ExitCodes.Usage;
    }
}
