using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis.Routes;

/// <summary>Retries that their own route's timeout leaves no room for (MESH0024).</summary>
internal sealed class UnfittingRetries : IAnalyser
{
    // Of Istio, when nothing is written.
    private const int DefaultAttempts = 2;

    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        mesh.Parts.Rules.Entries.SelectMany(entry => entry.Rule.Spec.Http.Select((http, i) => Of(http, $"spec.http[{i}]", entry.Rule.Key.ToString())).OfType<Finding>());

    private static Finding? Of(HttpRoute http, string path, string resource)
    {
        if (http.Timeout?.Value is not { } whole || whole <= TimeSpan.Zero || http.Retries?.PerTryTimeout is not { Value: { } single } written || single <= TimeSpan.Zero) return null;
        var tries = (http.Retries.Attempts ?? DefaultAttempts) + 1;
        if (single >= whole)
            return Found.Warning(FindingCodes.RetriesDoNotFit, resource, $"{path}.retries.perTryTimeout", written.Text,
                $"One try may take as long as the whole request ({http.Timeout.Text}), which ends with all its tries: a slow try is never followed by another.", "Make perTryTimeout a fraction of timeout.");
        var fitting = (int)(whole / single) + (whole.Ticks % single.Ticks == 0 ? 0 : 1);
        return fitting >= tries ? null : Found.Note(FindingCodes.RetriesDoNotFit, resource, $"{path}.retries.attempts", tries - 1,
            $"If each try takes its {written.Text}, the request's {http.Timeout.Text} are over in try {fitting} of {tries}: the last tries only follow fast failures.", "Raise timeout, or lower perTryTimeout or attempts, if slow tries shall all be followed.");
    }
}
