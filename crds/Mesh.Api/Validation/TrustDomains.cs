namespace Mesh.Api.Validation;

/// <summary>What a trust domain, the first part of every identity, may be.</summary>
public static class TrustDomains
{
    /// <summary>What is wrong with it; <c>null</c> when nothing is.</summary>
    public static string? Problem(string? name) =>
        DnsNames.NameProblem(name) ?? (name!.Any(char.IsAsciiLetterUpper) ? "a trust domain is written in lower case" : null);
}
