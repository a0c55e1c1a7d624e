using Mesh.Local.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Local.Faults;

/// <summary>
/// Delays packets where the kernel cannot (no netem): iptables hands them to a netfilter queue, and each is let go when its
/// time has come. Only packets' numbers pass through this process, their bytes stay in the kernel. One socket in the node's
/// network namespace, one thread that receives and one that lets go.
/// </summary>
internal sealed class HeldPackets : IDisposable
{
    private const int MostWaiting = 100_000;

    private readonly SafeFileHandle _socket;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly Lock _settings = new();
    private readonly Dictionary<ushort, (double Delay, double Jitter)> _delays = [];
    private readonly object _waiting = new();
    private readonly PriorityQueue<(ushort Queue, uint Packet), (long Due, long Order)> _packets = new();
    private long _order;
    private volatile bool _ended;

    private HeldPackets(SafeFileHandle socket, TimeProvider time, Random random) => (_socket, _time, _random) = (socket, time, random);

    public static HeldPackets Open(NetworkNamespace network, TimeProvider time, Random random)
    {
        var held = new HeldPackets(network.Run(QueueMessages.OpenSocket), time, random);
        new Thread(held.Receive, 256 * 1024) { Name = "held-receive", IsBackground = true }.Start();
        new Thread(held.LetGo, 256 * 1024) { Name = "held-release", IsBackground = true }.Start();
        return held;
    }

    /// <summary>Holds the packets of these queues and no others. Packets that wait already go when they were to go.</summary>
    /// <exception cref="IOException">The kernel has no netfilter queues.</exception>
    public void Set(IReadOnlyDictionary<ushort, (double Delay, double Jitter)> delays)
    {
        List<ushort> added, removed;
        lock (_settings)
        {
            added = [.. delays.Keys.Except(_delays.Keys)];
            removed = [.. _delays.Keys.Except(delays.Keys)];
            _delays.Clear();
            foreach (var (queue, delay) in delays) _delays[queue] = delay;
        }

        foreach (var queue in added) Send(QueueMessages.Bind(queue, MostWaiting));
        // Without its listener the queue lets everything pass that it still holds.
        foreach (var queue in removed) Send(QueueMessages.Unbind(queue));
    }

    public void Dispose()
    {
        _ended = true;
        lock (_waiting) Monitor.PulseAll(_waiting);
    }

    private void Receive()
    {
        var buffer = new byte[64 * 1024];
        while (!_ended)
        {
            var length = QueueMessages.Receive(_socket, buffer);
            if (length <= 0) continue; // Nothing came for a while; look whether it is to end.
            var now = _time.GetTimestamp();
            lock (_waiting)
            {
                foreach (var (queue, packet) in QueueMessages.Packets(buffer.AsSpan(0, length))) _packets.Enqueue((queue, packet), (now + DelayOf(queue), _order++));
                Monitor.PulseAll(_waiting);
            }
        }
    }

    private void LetGo()
    {
        while (!_ended)
        {
            (ushort Queue, uint Packet) next;
            lock (_waiting)
            {
                if (!_packets.TryPeek(out next, out var at))
                {
                    Monitor.Wait(_waiting);
                    continue;
                }

                var left = at.Due - _time.GetTimestamp();
                if (left > 0)
                {
                    Monitor.Wait(_waiting, TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency)));
                    continue;
                }

                _packets.Dequeue();
            }

            Send(QueueMessages.Accept(next.Queue, next.Packet));
        }

        _socket.Dispose();
    }

    private long DelayOf(ushort queue)
    {
        lock (_settings)
        {
            var (delay, jitter) = _delays.GetValueOrDefault(queue);
            var milliseconds = delay + (jitter * ((2 * _random.NextDouble()) - 1));
            return (long)(milliseconds * _time.TimestampFrequency / 1000);
        }
    }

    private void Send(byte[] message) => QueueMessages.Send(_socket, message);
}
