using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Cli.Clusters;
using Mesh.Cli.Files;
using Mesh.Local;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Cli.Commands;

/// <summary>
/// `mesh inject`: the sidecar in files, for clusters whose API server may not call webhooks, and for eyes. Documents that are not
/// changed stay to the letter; of those that are, comments are lost. Exit 1 when something cannot have a sidecar, 2 when something
/// could not be read; then nothing is written, so that a pipe applies all or nothing.
/// </summary>
internal static class InjectCommand
{
    public static Command Create(TextWriter output, TextWriter error, TextReader input)
    {
        var files = CommonOptions.Files(required: true);
        var space = new Option<string>("--namespace", "-n") { Description = "Namespace of objects that name none", DefaultValueFactory = _ => "default" };
        var operatorSpace = new Option<string?>("--operator-namespace") { Description = "Take what is put in (images, log level, DNS capture) from the operator in this namespace of the cluster (--kubeconfig, --context); options given beside it win" };
        var initImage = new Option<string?>("--init-image") { Description = "Image of the init container (default: mesh/init)" };
        var sidecarImage = new Option<string?>("--sidecar-image") { Description = "Image of the sidecar (default: mesh/sidecar)" };
        var pullPolicy = new Option<string?>("--image-pull-policy") { Description = "imagePullPolicy of both (default: Kubernetes's)" };
        var logLevel = new Option<string?>("--proxy-log-level") { Description = "Log level of the sidecar (default: info)" };
        var command = new Command("inject", "Put the sidecar into pods and what makes pods, of files (-f), and write all documents as YAML; comments of changed documents are lost")
        {
            files, space, operatorSpace, initImage, sidecarImage, pullPolicy, logLevel,
        };
        var where = ClusterOptions.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var settings = new InjectionSettings();
            if (result.GetValue(operatorSpace) is { Length: > 0 } named)
            {
                using var cluster = where.Open(result);
                settings = await PublishedSettings.ReadAsync(cluster.Api, named, cancellation);
            }

            settings = settings with
            {
                InitImage = result.GetValue(initImage) ?? settings.InitImage,
                SidecarImage = result.GetValue(sidecarImage) ?? settings.SidecarImage,
                ImagePullPolicy = result.GetValue(pullPolicy) ?? settings.ImagePullPolicy,
                LogLevel = result.GetValue(logLevel) ?? settings.LogLevel,
            };
            return Run(Sources.Read(result.GetValue(files)!, input), settings, result.GetValue(space)!, output, error);
        });
        return command;
    }

    private static int Run(IEnumerable<Source> sources, InjectionSettings settings, string space, TextWriter output, TextWriter error)
    {
        var unreadable = new List<string>();
        var parts = sources.SelectMany(source => Parts(source, unreadable)).ToList();
        var injector = new TemplateInjector(settings, NamespaceLabels(parts), space);
        var text = new StringBuilder();
        foreach (var part in parts) Write(part, part.Content is not null && injector.Inject(part.Content), text, unreadable);
        foreach (var line in unreadable.Concat(injector.Problems).Concat(injector.Remarks)) error.WriteLine($"mesh: {line}");
        if (unreadable.Count > 0) return ExitCodes.Usage;
        if (injector.Problems.Length > 0) return ExitCodes.Findings;
        output.Write(text);
        return ExitCodes.Fine;
    }

    private static IEnumerable<Part> Parts(Source source, List<string> unreadable)
    {
        var line = 0;
        if (source.Problem is not null) unreadable.Add($"{source.Name}: {source.Problem}");
        foreach (var text in YamlDocuments.Split(source.Text))
        {
            var (documents, problems) = YamlDocuments.Read(text);
            unreadable.AddRange(problems.Select(problem => $"{source.Name}: in the document that begins at line {line + 1}: {problem}"));
            var document = documents.Count == 1 ? documents[0] : null;
            yield return new Part($"{source.Name}:{line + 1}", text, document?.Content as JsonObject, document?.RepeatedKeys.FirstOrDefault().Key);
            line += text.Count(one => one == '\n');
        }
    }

    private static Dictionary<string, LabelSet> NamespaceLabels(IEnumerable<Part> parts)
    {
        var labels = new Dictionary<string, LabelSet>(StringComparer.Ordinal);
        foreach (var content in parts.Select(part => part.Content).OfType<JsonObject>().Where(content => content["kind"]?.ToString() == "Namespace"))
        {
            if (content["metadata"] is JsonObject metadata && metadata["name"]?.ToString() is { Length: > 0 } name && metadata["labels"] is JsonObject written)
                labels[name] = LabelSet.Of(written.Select(label => KeyValuePair.Create(label.Key, label.Value?.ToString() ?? "")));
        }

        return labels;
    }

    private static void Write(Part part, bool isChanged, StringBuilder text, List<string> unreadable)
    {
        if (isChanged && part.RepeatedKey is { } key) unreadable.Add($"{part.Place}: the field {key} is given twice; keep one of them");
        var written = isChanged ? YamlDocuments.Write(part.Content!) : part.Text.TrimEnd();
        if (string.IsNullOrWhiteSpace(written)) return;
        if (text.Length > 0 && !written.StartsWith("---", StringComparison.Ordinal)) text.Append("---\n");
        text.Append(written.TrimEnd()).Append('\n');
    }

    private sealed record Part(string Place, string Text, JsonObject? Content, string? RepeatedKey);
}
