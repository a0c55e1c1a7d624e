using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Admission;

internal sealed class AdmissionChain
{
    public Task<JsonObject> MutateAsync(AdmissionCall call, CancellationToken cancellation) => Task.FromResult(call.Object!);

    public Task ValidateAsync(AdmissionCall call, CancellationToken cancellation) => Task.CompletedTask;
}
