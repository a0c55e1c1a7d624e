namespace Mesh.Init;

/// <summary>Loads and removes rule sets, one transaction a family, by the iptables that this namespace already uses.</summary>
public sealed class IptablesRestore(BackendChoice choice, TextWriter log)
{
    private string? _backend;

    /// <summary>Replaces our rules of the family by <paramref name="rules"/>; loading twice is the same as once.</summary>
    public void Apply(RuleSet rules)
    {
        var backend = Backend();
        var input = rules.ToRestoreInput(Saved(rules.Family, backend));
        Restore(rules.Family, backend, input);
        log.WriteLine($"{Name(rules.Family, backend, "")}: {rules.Tables.Sum(table => table.Rules.Length)} rules in force");
    }

    /// <summary>Removes everything of ours, whichever iptables holds it. Returns whether there was anything.</summary>
    public bool Remove(IpFamily family)
    {
        var removed = false;
        foreach (var backend in choice == BackendChoice.Auto ? ["nft", "legacy"] : new[] { Word(choice) })
        {
            if (ReadSaved(family, backend) is not { } saved || RuleSet.ToRemovalInput(saved) is not { } input) continue;
            Restore(family, backend, input);
            log.WriteLine($"{Name(family, backend, "")}: removed");
            removed = true;
        }
        return removed;
    }

    /// <summary>What is loaded now.</summary>
    public SavedRules Saved(IpFamily family) => Saved(family, Backend());

    /// <summary>nft or legacy: the one that holds rules already, for a chain of each in one namespace would contradict.</summary>
    private string Backend()
    {
        if (_backend is not null) return _backend;
        if (choice != BackendChoice.Auto) return _backend = Word(choice);
        var nft = ReadSaved(IpFamily.V4, "nft");
        var legacy = ReadSaved(IpFamily.V4, "legacy");
        if (nft is null && legacy is null)
            throw new InitFailure(InitFailure.NotApplied,
                "found neither a working iptables-nft nor iptables-legacy: the image of this container needs the package iptables, "
                + "and the node's kernel nf_tables or ip_tables");
        return _backend = nft is null || (legacy?.HasRules == true && !nft.HasRules) ? "legacy" : "nft";
    }

    private static SavedRules Saved(IpFamily family, string backend) =>
        ReadSaved(family, backend)
        ?? throw new InitFailure(InitFailure.NotApplied, $"{Name(family, backend, "-save")} does not work here");

    /// <summary>
    /// Null where the program is missing or the kernel lacks its half. For legacy the kernel lists the tables in use; where
    /// none is, asking could load one and mix the two.
    /// </summary>
    private static SavedRules? ReadSaved(IpFamily family, string backend)
    {
        if (backend == "legacy" && !LegacyInUse(family)) return ProgramRun.Of(Name(family, backend, ""), ["--version"]) is null ? null : SavedRules.None;
        var run = ProgramRun.Of(Name(family, backend, "-save"), []);
        return run is { ExitCode: 0 } ? SavedRules.Read(run.Output.Split('\n')) : null;
    }

    private static bool LegacyInUse(IpFamily family)
    {
        var list = $"/proc/net/{(family == IpFamily.V4 ? "ip" : "ip6")}_tables_names";
        return File.Exists(list) && CanRead(list, out var names) && names.Trim().Length > 0;
    }

    private static bool CanRead(string path, out string text)
    {
        try
        {
            text = File.ReadAllText(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            text = "";
            return false;
        }
    }

    private static void Restore(IpFamily family, string backend, string input)
    {
        var program = Name(family, backend, "-restore");
        // -w: another process may hold the lock of legacy tables for a moment.
        var run = ProgramRun.Of(program, backend == "legacy" ? ["--noflush", "-w", "10"] : ["--noflush"], input)
            ?? throw new InitFailure(InitFailure.NotApplied, $"{program} is missing: the image of this container needs the package iptables");
        if (run.ExitCode != 0)
            throw new InitFailure(InitFailure.NotApplied,
                $"{program} refused the rules (exit {run.ExitCode}): {run.Error.Trim()}\nIts input was:\n{input}");
    }

    private static string Word(BackendChoice choice) => choice == BackendChoice.Legacy ? "legacy" : "nft";

    private static string Name(IpFamily family, string backend, string suffix) =>
        $"{(family == IpFamily.V4 ? "iptables" : "ip6tables")}-{backend}{suffix}";
}
