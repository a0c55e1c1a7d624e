using System.CommandLine;
using k8s.Models;
using Mesh.Api;
using Mesh.Cli.Clusters;
using Mesh.Cli.Files;
using Mesh.Operator.Core.Analysis;

namespace Mesh.Cli.Commands;

/// <summary>
/// `mesh analyze`: what is wrong with objects together, of files or of a cluster: names that lead nowhere, rules that
/// contradict each other or are never reached, selectors that match nothing. Exit 1 when something does not work.
/// </summary>
internal static class AnalyzeCommand
{
    public static Command Create(TextWriter output, TextWriter error, TextReader input)
    {
        var files = CommonOptions.Files(required: false);
        var space = new Option<string?>("--namespace", "-n") { Description = "With -f: namespace of objects that name none (default: default). Without: only findings about this namespace" };
        var format = CommonOptions.Output();
        var command = new Command("analyze", "Look at all objects together, of files (-f) or of the cluster: what refers to nothing, contradicts or has no effect") { files, space, format };
        var where = ClusterOptions.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var asJson = result.GetValue(format) == "json";
            if (result.GetValue(files) is { Length: > 0 } paths) return OfFiles(Documents.Read(paths, input), result.GetValue(space) ?? "default", asJson, output, error);
            using var cluster = where.Open(result);
            return await OfClusterAsync(cluster, result.GetValue(space), asJson, output, error, cancellation);
        });
        return command;
    }

    private static int OfFiles(Documents documents, string space, bool asJson, TextWriter output, TextWriter error)
    {
        foreach (var problem in documents.Unreadable) error.WriteLine($"mesh: {problem}");
        var findings = MeshAnalysis.OfFiles([.. documents.All.Select(document => document.Content)], TimeProvider.System.GetUtcNow(), space);
        FindingsOutput.Write(findings, documents.All.Count, asJson, output);
        return FindingsOutput.ExitCode(findings, documents.Unreadable.Count == 0);
    }

    private static async Task<int> OfClusterAsync(KubernetesCluster cluster, string? space, bool asJson, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var (objects, unlisted) = await ClusterReader.ReadAsync(cluster.Api, cancellation);
        foreach (var kind in unlisted) await error.WriteLineAsync($"mesh: not allowed to list {((KubernetesEntityAttribute)kind.GetCustomAttributes(typeof(KubernetesEntityAttribute), false)[0]).PluralName}; what depends on them is not looked at");
        var findings = MeshAnalysis.OfCluster(objects, TimeProvider.System.GetUtcNow(), unlisted.AsSpan());
        if (space is not null) findings = [.. findings.Where(finding => IsOf(finding, space))];
        FindingsOutput.Write(findings, objects.Count(source => space is null || source.Metadata.NamespaceProperty == space), asJson, output);
        return FindingsOutput.ExitCode(findings, everythingRead: true);
    }

    private static bool IsOf(Finding finding, string space) => finding.Resource.Split('/') is [_, var first, ..] parts && (parts.Length == 3 ? first == space : parts[0] == "Namespace" && first == space);
}
