using Mesh.Local.ApiServer;

namespace Mesh.Local.Node.Linux;

/// <summary>Our end of a pseudo terminal: what is written to it was typed, what is read from it is shown.</summary>
internal sealed unsafe class Terminal : IDisposable
{
    private readonly Lock _using = new();
    private bool _closed;

    private Terminal(int descriptor, int number) => (Descriptor, Number) = (descriptor, number);

    public int Descriptor { get; }

    /// <summary>The other end's name in the devpts it was opened in.</summary>
    public int Number { get; }

    /// <param name="directory">Where the devpts is mounted, as this thread sees it.</param>
    /// <param name="owner">Who may open the other end by its name.</param>
    public static Terminal Open(string directory, uint owner)
    {
        var descriptor = Libc.Check(Libc.Open(directory + "/ptmx", Libc.ORdwr | Libc.ONoCtty | Libc.OCloexec, 0), "open a terminal");
        int unlocked = 0, number = 0;
        try
        {
            Libc.Check(Libc.Ioctl(descriptor, Libc.TerminalLock, &unlocked), "unlock a terminal");
            Libc.Check(Libc.Ioctl(descriptor, Libc.TerminalNumber, &number), "name a terminal");
            Libc.Check(Libc.Chown($"{directory}/{number}", owner, owner), "give a terminal away");
            return new Terminal(descriptor, number);
        }
        catch
        {
            Libc.Close(descriptor);
            throw;
        }
    }

    /// <summary>The programs at the other end are told by a signal.</summary>
    public void Resize(TerminalSize size)
    {
        var sides = stackalloc ushort[4];
        (sides[0], sides[1]) = (size.Height, size.Width);
        lock (_using)
        {
            if (!_closed) Libc.Ioctl(Descriptor, Libc.TerminalSize, sides);
        }
    }

    public void Dispose()
    {
        lock (_using)
        {
            if (!_closed) Libc.Close(Descriptor);
            _closed = true;
        }
    }
}
