namespace Mesh.Init;

/// <summary>What the program does once it knows its options: print, apply and prove, or remove.</summary>
public sealed class InitRun(InitOptions options, TextWriter output, TextWriter log)
{
    /// <summary>Prints the rules of both families as iptables-restore would get them in an untouched namespace.</summary>
    public void Print()
    {
        output.Write($"# iptables-restore --noflush\n{RedirectRules.For(options, IpFamily.V4).ToRestoreInput(SavedRules.None)}");
        if (WantsIPv6(out _))
            output.Write($"# ip6tables-restore --noflush\n{RedirectRules.For(options, IpFamily.V6).ToRestoreInput(SavedRules.None)}");
    }

    /// <summary>Loads the rules and proves that they redirect.</summary>
    public void Apply(bool check)
    {
        Permission.Demand();
        var iptables = new IptablesRestore(options.Backend, log);
        iptables.Apply(RedirectRules.For(options, IpFamily.V4));
        var ipv6 = ApplyIPv6(iptables);
        if (!check) return;
        var redirects = new RedirectCheck(options, log);
        redirects.Verify(IpFamily.V4, iptables.Saved(IpFamily.V4));
        if (ipv6) redirects.Verify(IpFamily.V6, iptables.Saved(IpFamily.V6));
    }

    /// <summary>Removes the rules; nothing there is fine.</summary>
    public void Cleanup()
    {
        Permission.Demand();
        var iptables = new IptablesRestore(options.Backend, log);
        var removed = iptables.Remove(IpFamily.V4);
        if (LoopbackAddress.IPv6State().Enabled)
        {
            removed |= iptables.Remove(IpFamily.V6);
            LoopbackAddress.Remove();
        }
        if (!removed) log.WriteLine("nothing to remove");
    }

    private bool ApplyIPv6(IptablesRestore iptables)
    {
        if (!WantsIPv6(out var reachable)) return false;
        try
        {
            iptables.Apply(RedirectRules.For(options, IpFamily.V6));
            LoopbackAddress.Add();
            return true;
        }
        catch (InitFailure e) when (options.IPv6 == IPv6Choice.Auto && !reachable)
        {
            // Nobody can reach this pod by IPv6 and it can reach nobody, so nothing escapes the mesh.
            log.WriteLine($"IPv6 is not captured, and the pod has no IPv6 address that others reach: {e.Message.Split('\n')[0]}");
            return false;
        }
    }

    private bool WantsIPv6(out bool reachable)
    {
        (var enabled, reachable) = LoopbackAddress.IPv6State();
        return options.IPv6 == IPv6Choice.On || (options.IPv6 == IPv6Choice.Auto && enabled);
    }
}
