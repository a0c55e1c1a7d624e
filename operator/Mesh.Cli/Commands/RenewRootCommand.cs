using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Api;
using Mesh.Cli.Clusters;
using Mesh.Operator.Runtime;

namespace Mesh.Cli.Commands;

/// <summary>`mesh certs renew-root`: asks the operator for a new root. It does the rest: both roots until every proxy trusts both, then the new one alone.</summary>
internal static class RenewRootCommand
{
    public static Command Create(ClusterOptions where, TextWriter output, TextWriter error)
    {
        var command = new Command("renew-root", "Ask for a new root: old and new are trusted until every certificate is of the new one; no connection is cut");
        command.SetAction(async (result, cancellation) =>
        {
            using var cluster = where.Open(result);
            var secret = new EntityKey(MeshNames.SystemNamespace, MeshNames.AuthoritySecret);
            try
            {
                await cluster.Api.PatchAsync<V1Secret>(secret, Patch(TimeProvider.System.GetUtcNow()).ToJsonString(), cancellationToken: cancellation);
            }
            catch (ApiException e)
            {
                await error.WriteLineAsync(e.IsNotFound
                    ? $"mesh: there is no root to renew yet: Secret {secret.Namespace}/{secret.Name} does not exist. The operator makes it when it first leads; look at its log."
                    : $"mesh: Secret {secret.Namespace}/{secret.Name} could not be annotated: {e.Message}");
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
