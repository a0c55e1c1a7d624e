using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Mesh.Api;
using Mesh.Local;

namespace Mesh.Cli.Commands;

/// <summary>`mesh certs renew-root`: asks the operator for a new root. It does the rest: both roots until every proxy trusts both, then the new one alone.</summary>
internal static class RenewRootCommand
{
    public static Command Create(Option<string> name, TextWriter output, TextWriter error)
    {
        var command = new Command("renew-root", "Ask for a new root: old and new are trusted until every certificate is of the new one; no connection is cut");
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            CommonOptions.Running(paths);
            using var kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(paths.Kubeconfig));
            try
            {
                await kubernetes.CoreV1.PatchNamespacedSecretAsync(
                    new V1Patch(Patch(TimeProvider.System.GetUtcNow()).ToJsonString(), V1Patch.PatchType.MergePatch), MeshNames.AuthoritySecret, MeshNames.SystemNamespace, cancellationToken: cancellation);
            }
            catch (HttpOperationException e)
            {
                await error.WriteLineAsync(e.Response?.StatusCode == HttpStatusCode.NotFound
                    ? $"mesh: there is no root to renew yet: Secret {MeshNames.SystemNamespace}/{MeshNames.AuthoritySecret} does not exist. The operator makes it when it first leads; look at its log ({paths.OperatorLog})."
                    : $"mesh: Secret {MeshNames.SystemNamespace}/{MeshNames.AuthoritySecret} could not be annotated: {e.Response?.Content ?? e.Message}");
                return ExitCodes.Findings;
            }

            await output.WriteLineAsync("A new root is asked for. mesh certs shows which root signed each certificate; the old one goes one certificate's life after the last proxy left it.");
            return ExitCodes.Fine;
        });
        return command;
    }

    internal static JsonObject Patch(DateTimeOffset now) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["annotations"] = new JsonObject { [MeshLabels.RenewRoot] = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) },
        },
    };
}
