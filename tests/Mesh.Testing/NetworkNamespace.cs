using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Mesh.Testing;

/// <summary>
/// A network namespace with a unique name and its loopback up; gone, with every process in it, when disposed. Names carry
/// the id of the test process, so that what a killed run left is removed by the next one.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private const string Prefix = "mesh-test-";
    private static int _count;
    private static readonly Lazy<bool> Swept = new(RemoveLeftovers);

    private NetworkNamespace(string name) => Name = name;

    /// <summary>Name as <c>ip netns</c> knows it.</summary>
    public string Name { get; }

    /// <summary>Makes one; <paramref name="label"/> is a hint for a reader of <c>ip netns</c>.</summary>
    public static NetworkNamespace Create(string label = "ns")
    {
        if (!label.StartsWith("probe", StringComparison.Ordinal)) _ = Swept.Value;
        var name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{label}";
        Command.Must("ip", "netns", "add", name);
        var created = new NetworkNamespace(name);
        created.Must("ip", "link", "set", "lo", "up");
        return created;
    }

    /// <summary>Joins two namespaces by a veth pair, each end <c>eth0</c> unless named, with the addresses given (CIDR).</summary>
    public static void Connect(NetworkNamespace left, IEnumerable<string> leftAddresses,
        NetworkNamespace right, IEnumerable<string> rightAddresses, string leftDevice = "eth0", string rightDevice = "eth0")
    {
        // The pair is born inside the two namespaces: the machine's own interfaces are never touched.
        Command.Must("ip", "-n", left.Name, "link", "add", leftDevice, "type", "veth",
            "peer", "name", rightDevice, "netns", right.Name);
        left.Up(leftDevice, leftAddresses);
        right.Up(rightDevice, rightAddresses);
    }

    /// <summary>Runs a program in the namespace to its end.</summary>
    public CommandResult Run(string program, IEnumerable<string> arguments, string? input = null, TimeSpan? timeout = null,
        IReadOnlyDictionary<string, string>? environment = null) =>
        Command.Run("ip", ["netns", "exec", Name, program, .. arguments], input, environment, timeout);

    /// <summary>Runs a program in the namespace; throws unless it ends well.</summary>
    public string Must(string program, params string[] arguments) =>
        Command.Must("ip", ["netns", "exec", Name, program, .. arguments]);

    /// <summary>Starts a program in the namespace; it ends with the namespace at the latest.</summary>
    public Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Command.Start("ip", ["netns", "exec", Name, program, .. arguments], environment);

    /// <summary>
    /// Runs code of this process on a thread that stands in the namespace: a socket made there belongs to it for good, so a
    /// test may make its listeners and connections here and use them anywhere afterwards.
    /// </summary>
    public T Inside<T>(Func<T> make) => InsideOf($"/run/netns/{Name}", make);

    /// <summary>The same for a namespace that others made, given by its file (<c>/proc/PID/ns/net</c>).</summary>
    public static T InsideOf<T>(string path, Func<T> make)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(path);
                if (SetNamespace((int)handle.DangerousGetHandle(), CloneNewNet) != 0)
                    throw new InvalidOperationException($"setns {path}: errno {Marshal.GetLastPInvokeError()}");
                result.SetResult(make());
            }
#pragma warning disable CA1031 // The one place where a thread's failure becomes its caller's.
            catch (Exception e)
#pragma warning restore CA1031
            {
                result.SetException(e);
            }
        });
        thread.Start();
        return result.Task.GetAwaiter().GetResult();
    }

    /// <inheritdoc />
    public void Dispose() => Remove(Name);

    private const int CloneNewNet = 0x40000000;

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int fileDescriptor, int kind);

    private void Up(string device, IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            // nodad: an IPv6 address is usable at once instead of after duplicate detection.
            string[] flags = address.Contains(':', StringComparison.Ordinal) ? ["nodad"] : [];
            Command.Must("ip", ["-n", Name, "addr", "add", address, "dev", device, .. flags]);
        }
        Command.Must("ip", "-n", Name, "link", "set", device, "up");
    }

    private static void Remove(string name)
    {
        foreach (var line in Command.Run("ip", ["netns", "pids", name]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Kill(int.Parse(line, CultureInfo.InvariantCulture));
        Command.Run("ip", ["netns", "del", name]);
    }

    private static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in between.
        }
    }

    private static bool RemoveLeftovers()
    {
        foreach (var line in Command.Run("ip", ["netns", "list"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = line.Split(' ')[0];
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            var owner = name[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{owner}")) Remove(name);
        }
        return true;
    }
}
