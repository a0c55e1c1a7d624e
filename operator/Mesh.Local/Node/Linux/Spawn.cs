using System.Runtime.InteropServices;

namespace Mesh.Local.Node.Linux;

/// <summary>
/// Starts a process in other namespaces through posix_spawn on the calling thread. The child inherits the namespaces of the
/// thread, so the thread enters them, spawns, and leaves them again; between entering and leaving nothing but system calls
/// with memory prepared before runs, because no file of ours can be found from inside the container's root and no thread
/// can be created while new processes belong to another PID namespace.
/// </summary>
internal static unsafe class Spawn
{
    private const short SetSigDefault = 0x04;
    private const short SetSigMask = 0x08;
    private const short SetSid = 0x80;

    /// <summary>Sizes of glibc's opaque structures, with room to spare.</summary>
    private const int OpaqueSize = 1024;

    /// <summary>Starts the process; the calling thread must live as long as it, for its death signal hangs on the thread.</summary>
    public static int Start(SpawnRequest request)
    {
        using var memory = new NativeMemoryBlock();
        var actions = memory.Allocate(OpaqueSize);
        var attributes = memory.Allocate(OpaqueSize);
        var set = memory.Allocate(OpaqueSize);
        Libc.SpawnActionsInit(actions);
        Libc.SpawnAttributesInit(attributes);
        try
        {
            Redirect(actions, request, memory);
            Libc.SigFillSet(set);
            Libc.SpawnAttributesDefault(attributes, set);
            Libc.SigEmptySet(set);
            Libc.SpawnAttributesMask(attributes, set);
            Libc.SpawnAttributesFlags(attributes, SetSigDefault | SetSigMask | SetSid);
            return Enter(request, memory.String(request.Path), memory.Strings(request.Arguments),
                memory.Strings(request.Environment), memory.String("."), actions, attributes);
        }
        finally
        {
            Libc.SpawnActionsDestroy(actions);
            Libc.SpawnAttributesDestroy(attributes);
        }
    }

    private static void Redirect(byte* actions, SpawnRequest request, NativeMemoryBlock memory)
    {
        if (request.Terminal is { } terminal)
        {
            Libc.SpawnActionsOpen(actions, 0, memory.String(terminal), Libc.ORdwr, 0);
            Libc.SpawnActionsDup2(actions, 0, 1);
            Libc.SpawnActionsDup2(actions, 0, 2);
            return;
        }

        // dup2 onto itself clears close-on-exec, so a descriptor that is already in place is handled too.
        if (request.StandardInput >= 0) Libc.SpawnActionsDup2(actions, request.StandardInput, 0);
        if (request.StandardOutput >= 0) Libc.SpawnActionsDup2(actions, request.StandardOutput, 1);
        if (request.StandardError >= 0) Libc.SpawnActionsDup2(actions, request.StandardError, 2);
    }

    private static int Enter(SpawnRequest request, byte* path, byte** argv, byte** envp, byte* dot, byte* actions, byte* attributes)
    {
        using var hostNet = request.Network is null ? null : NamespaceFile.OfThisThread("net");
        using var hostPid = request.OwnPids ? NamespaceFile.OfThisProcess("pid") : null;
        using var hostMnt = request.NewRoot is null ? null : NamespaceFile.OfThisProcess("mnt");
        var net = request.Network?.Fd ?? -1;
        var root = request.NewRoot is { } newRoot
            ? Libc.Check(Libc.Open(newRoot, Libc.ORdonly | Libc.ODirectory | Libc.OCloexec, 0), $"open {newRoot}")
            : -1;
        try
        {
            var failed = SpawnInside(path, argv, envp, dot, actions, attributes, net, hostNet?.Fd ?? -1, root, hostMnt?.Fd ?? -1, hostPid?.Fd ?? -1, out var pid, out var step);
            return failed == 0 ? pid : throw new LinuxException($"{Step(step)} for {request.Arguments[0]}", failed);
        }
        finally
        {
            if (root >= 0) Libc.Close(root);
        }
    }

    /// <summary>Only system calls from here to the end of the method (see the type's comment).</summary>
    private static int SpawnInside(
        byte* path, byte** argv, byte** envp, byte* dot, byte* actions, byte* attributes,
        int net, int hostNet, int root, int hostMnt, int hostPid, out int pid, out int step)
    {
        int child = 0, failed = 0;
        step = 0;
        if (net >= 0 && Libc.SetNs(net, Libc.CloneNewNet) < 0) (failed, step) = (Marshal.GetLastPInvokeError(), 1);
        if (failed == 0 && root >= 0)
        {
            if (Libc.FChdir(root) < 0 || Libc.Syscall(Libc.PivotRootNumber, dot, dot) < 0 || Libc.Umount(dot, Libc.MntDetach) < 0)
                (failed, step) = (Marshal.GetLastPInvokeError(), 2);
        }

        if (failed == 0 && hostPid >= 0 && Libc.Unshare(Libc.CloneNewPid | Libc.CloneNewIpc) < 0) (failed, step) = (Marshal.GetLastPInvokeError(), 3);
        if (failed == 0)
        {
            failed = Libc.PosixSpawn(&child, path, actions, attributes, argv, envp);
            step = 4;
        }

        if (hostPid >= 0) Libc.SetNs(hostPid, Libc.CloneNewPid);
        if (hostMnt >= 0) Libc.SetNs(hostMnt, Libc.CloneNewNs);
        if (hostNet >= 0) Libc.SetNs(hostNet, Libc.CloneNewNet);
        pid = child;
        return failed;
    }

    private static string Step(int step) => step switch
    {
        1 => "enter the network namespace",
        2 => "change the root",
        3 => "create a PID namespace",
        _ => "start the process",
    };
}
