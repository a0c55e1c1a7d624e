using System.Text.RegularExpressions;

namespace Mesh.Config;

/// <summary>RE2 expressions, compiled for .NET: whole match, linear time.</summary>
public static class Re2
{
    /// <summary>Compiles an expression that must match the whole text.</summary>
    public static Regex Compile(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
