using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Mesh.Cli.Clusters;
using Spectre.Console;

namespace Mesh.Cli.Commands;

/// <summary>`mesh certs`: each proxy's certificate; exit 1 when one is missing, fails to be renewed or is near its end.</summary>
internal static class CertsCommand
{
    private const int ShownOfFingerprint = 12;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly string[] Columns = ["NAMESPACE", "POD", "IDENTITY", "ISSUER", "SERIAL", "EXPIRES IN", "NEXT RENEWAL", "TROUBLE"];

    public static Command Create(TextWriter output, TextWriter error)
    {
        var format = CommonOptions.Output();
        var command = new Command("certs", "Show each proxy's certificate: identity, issuer, serial, until when, when it is renewed") { format };
        var where = ClusterOptions.AddTo(command, recursive: true);
        var which = PodScope.AddTo(command);
        command.Subcommands.Add(RenewRootCommand.Create(where, output, error));
        command.SetAction(async (result, cancellation) =>
        {
            using var cluster = where.Open(result);
            var scope = which(result, cluster);
            var now = TimeProvider.System.GetUtcNow();
            var certificates = ProxyCertificates.Of(await new ProxyReader(cluster).ReadAsync(scope, cancellation), now);
            if (result.GetValue(format) == "json") await output.WriteLineAsync(JsonSerializer.Serialize(certificates, Json));
            else if (certificates.IsEmpty) await output.WriteLineAsync(CommonOptions.NoSidecar(scope));
            else Write(certificates, output, now);
            return Complain(certificates, error);
        });
        return command;
    }

    internal static void Write(ImmutableArray<ProxyCertificate> certificates, TextWriter output, DateTimeOffset now)
    {
        ProxyTable.Write(output, Columns, certificates.Select(certificate => new[]
        {
            Markup.Escape(certificate.Namespace), Markup.Escape(certificate.Pod), Markup.Escape(certificate.Identity.Length > 0 ? certificate.Identity : "-"),
            certificate.Issuer.Length > ShownOfFingerprint ? certificate.Issuer[..ShownOfFingerprint] : certificate.Issuer.Length > 0 ? certificate.Issuer : "-",
            certificate.Serial.Length > 0 ? certificate.Serial : "-",
            certificate.NotAfter is { } end ? (end <= now ? "[red]expired[/]" : ShortTime.Of(end - now)) : "-",
            certificate.RenewAt is { } renewal ? (renewal <= now ? "now" : $"in {ShortTime.Of(renewal - now)}") : "-",
            certificate.Trouble.Length > 0 ? $"[red]{Markup.Escape(certificate.Trouble)}[/]" : "-",
        }));
        if (certificates.Any(certificate => certificate.TrustedRoots.Length > 1))
            output.WriteLine($"\nA new root is on its way: {certificates.Count(certificate => certificate.TrustedRoots.Length > 1)} of {certificates.Length} proxies trust the old and the new one.");
    }

    /// <summary>One line for each that somebody should look at, with what to do.</summary>
    internal static int Complain(ImmutableArray<ProxyCertificate> certificates, TextWriter error)
    {
        var troubled = certificates.Where(certificate => certificate.Trouble.Length > 0).ToList();
        foreach (var certificate in troubled)
            error.WriteLine($"mesh: {certificate.Namespace}/{certificate.Pod}: {certificate.Trouble}. {certificate.Remedy}");
        return troubled.Count == 0 ? ExitCodes.Fine : ExitCodes.Findings;
    }
}
