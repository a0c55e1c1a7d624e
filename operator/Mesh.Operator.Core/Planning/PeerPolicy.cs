using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What the ports of a pod take from their callers, once every PeerAuthentication was heard.</summary>
/// <param name="Mode">Of every port that is not named.</param>
/// <param name="ByPort">Ports that differ, in order.</param>
internal sealed record PeerPolicy(MutualTlsMode Mode, ValueArray<PortMutualTls> ByPort)
{
    public MutualTlsMode ModeOf(int port)
    {
        foreach (var entry in ByPort)
            if (entry.Port == port) return entry.Mode;
        return Mode;
    }
}
