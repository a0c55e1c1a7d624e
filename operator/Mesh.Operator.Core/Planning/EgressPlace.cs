using System.Collections.Immutable;
using System.Net;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>An address and port at which a Sidecar has services called, whatever their own addresses.</summary>
/// <param name="Address">The address; the any address is every one of the pod.</param>
/// <param name="Port">The port.</param>
/// <param name="Listens">The sidecar listens there; else connections to it are captured.</param>
internal sealed record EgressPlace(IPAddress Address, int Port, bool Listens)
{
    /// <summary>Those of one scope; of a list for all ports, one for each port of its services.</summary>
    public static ImmutableArray<EgressPlace> Of(Scope scope, ImmutableArray<Service> callable)
    {
        if (scope.Sidecar is not { } sidecar) return [];
        var ownPorts = sidecar.Egress.Select(egress => egress.Port).ToHashSet();
        return [.. sidecar.Egress.Where(egress => egress.Bind is not null).SelectMany(egress => Ports(egress).Select(port => new EgressPlace(egress.Bind!, port, egress.Listens))).Distinct()];

        IEnumerable<int> Ports(EgressScope egress) => egress.Port > 0
            ? [egress.Port]
            : callable.Where(service => egress.Takes(service, scope.Namespace)).SelectMany(service => service.Ports).Select(port => port.Port).Where(port => !ownPorts.Contains(port)).Distinct().Order();
    }
}
