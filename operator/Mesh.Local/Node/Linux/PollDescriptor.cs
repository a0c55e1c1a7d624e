using System.Runtime.InteropServices;

namespace Mesh.Local.Node.Linux;

/// <summary>The kernel's pollfd; one with a negative descriptor is passed over.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Wanted;
    public short Happened;
}
