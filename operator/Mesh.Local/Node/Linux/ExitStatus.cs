namespace Mesh.Local.Node.Linux;

/// <summary>How a process ended: its code, or the signal that ended it (code 128 + signal, as shells and kubelets say it).</summary>
public readonly record struct ExitStatus(int Code, int Signal)
{
    internal static ExitStatus FromWait(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ExitStatus((status >> 8) & 0xff, 0) : new ExitStatus(128 + signal, signal);
    }
}
