using System.Globalization;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Identity;

namespace Mesh.Benchmarks.Convergence;

/// <summary>One that obeys: reads, validates, compiles and swaps each config as the sidecar does.</summary>
internal sealed class SimulatedSidecar : CrowdMember<ProxySnapshot>
{
    public SimulatedSidecar(PodIdentity pod, TrustBundle trust, string tokenFile, TimeProvider time, Random random)
        : base(pod, trust, tokenFile, time, random) => State.Swapped += Tell;

    public override bool IsReady => Identity.Current is not null && State.Current is not null && Parts.Sessions.Current is not null;

    public override Task ServeAsync(ControlStream stream, CancellationToken cancellationToken) =>
        new ControlSession(stream, ControlSession.Operator, null, Parts).RunAsync(cancellationToken);

    public override string ToString() =>
        $"{Pod.Namespace}/{Pod.Name}: certificate {(Identity.Current is null ? $"none ({Keeper.Failure})" : "yes")}, session {(Parts.Sessions.Current is null ? $"none ({State.Report.Session?.Failure})" : "yes")}, config {State.Current?.Config.Manifest.Revision.ToString(CultureInfo.InvariantCulture) ?? "none"}{(State.Report.Refused is { } refused ? $", refused {refused.Problems[0].Message}" : "")}";

    protected override Task RunAsync() => Task.WhenAll(Keeper.RunAsync(Link.ObtainAsync, Stopping.Token), Link.KeepSessionAsync(Stopping.Token));
}
