namespace Mesh.Cli;

/// <summary>What the command's exit says.</summary>
public static class ExitCodes
{
    public const int Fine = 0;

    /// <summary>The command did its work and found something wrong, or what it started failed.</summary>
    public const int Findings = 1;

    /// <summary>The command could not do its work: wrong words, no such mesh, a file or a machine that refuses.</summary>
    public const int Usage = 2;
}
