using System.IO.Enumeration;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// What may differ from the recording, and why: another build answered there, or it is something this server honestly does not
/// run. Everything else is a fault of the server. Patterns take * and ?; a row that no longer matches anything fails the test.
/// </summary>
internal static class AllowedDifferences
{
    internal sealed record Row(string Transcript, string Step, string Field, string Reason);

    public static Row[] Rows { get; } =
    [
    ];

    public static Row? For(string transcript, Difference difference) => Rows.FirstOrDefault(row =>
        Matches(row.Transcript, transcript) && Matches(row.Step, difference.Step) && Matches(row.Field, difference.Field));

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
