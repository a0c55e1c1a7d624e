namespace Mesh.Sidecar.Health;

/// <summary>
/// Whether a member is given traffic, as this proxy judges by itself: what its requests came to (<see cref="Ejections"/>) and
/// what it answered when asked (its health check). Requests read and count without a lock; only those two decide.
/// </summary>
public sealed class MemberHealth
{
    private int errors;
    private int gatewayErrors;
    private int localFailures;
    private volatile bool ejected;
    private volatile bool unhealthy;

    /// <summary>Left out by outlier detection.</summary>
    public bool IsEjected => ejected;

    /// <summary>Left out because its health check fails.</summary>
    public bool IsUnhealthy => unhealthy;

    /// <summary>Left out, for either reason.</summary>
    public bool IsOut => ejected || unhealthy;

    /// <summary>The ejection in force; <c>null</c> without.</summary>
    public Ejection? Ejection { get; private set; }

    /// <summary>What its health check found last; empty while it was not asked.</summary>
    public string Checked { get; internal set; } = "";

    /// <summary>Since when it is as <see cref="IsUnhealthy"/> says.</summary>
    public DateTimeOffset CheckedSince { get; internal set; }

    /// <summary>Ejections so far.</summary>
    public long TimesEjected { get; private set; }

    /// <summary>How often it was ejected in a row: each time makes the next one longer, each quiet interval takes one back.</summary>
    internal int InARow { get; set; }

    /// <summary>When it came back last (a timestamp).</summary>
    internal long ReturnedAt { get; private set; }

    /// <summary>Counts what came of one try. A row is broken by its opposite; the common success writes nothing.</summary>
    internal static int Count(ref int row, bool failed)
    {
        if (failed) return Interlocked.Increment(ref row);
        if (Volatile.Read(ref row) != 0) Volatile.Write(ref row, 0);
        return 0;
    }

    internal int CountError(bool failed) => Count(ref errors, failed);

    internal int CountGatewayError(bool failed) => Count(ref gatewayErrors, failed);

    internal int CountLocalFailure(bool failed) => Count(ref localFailures, failed);

    internal void Eject(Ejection ejection)
    {
        InARow++;
        TimesEjected++;
        Ejection = ejection;
        ejected = true;
    }

    internal void Return(long now)
    {
        ReturnedAt = now;
        Ejection = null;
        ejected = false;
        // What led to the ejection is paid for.
        Volatile.Write(ref errors, 0);
        Volatile.Write(ref gatewayErrors, 0);
        Volatile.Write(ref localFailures, 0);
    }

    internal bool SetUnhealthy(bool value)
    {
        if (unhealthy == value) return false;
        unhealthy = value;
        return true;
    }
}
