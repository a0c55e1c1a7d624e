using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mesh.Init;

/// <summary>A socket that iptables takes for the sidecar's: the owner match looks at the file-system user at its creation.</summary>
internal static partial class ProxyUserSocket
{
    /// <summary>Null where this process may not act as another user.</summary>
    public static Socket? Create(IpFamily family, int uid)
    {
        Socket? socket = null;
        // The file-system user belongs to a thread; a thread of its own keeps the change away from everything else.
        var thread = new Thread(() =>
        {
            var before = SetFileSystemUser(uid);
            // The call returns the user before it and never an error, so a second call tells whether the first one worked.
            if (SetFileSystemUser(uid) == uid)
                socket = new Socket(family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6,
                    SocketType.Stream, ProtocolType.Tcp);
            SetFileSystemUser(before);
        });
        thread.Start();
        thread.Join();
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetFileSystemUser(int uid);
}
