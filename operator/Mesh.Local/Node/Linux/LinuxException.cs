using System.Runtime.InteropServices;

namespace Mesh.Local.Node.Linux;

/// <summary>A system call refused; the message names what was tried and the kernel's reason.</summary>
public sealed class LinuxException(string what, int errno)
    : IOException($"{what}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
{
    public int Errno { get; } = errno;
}
