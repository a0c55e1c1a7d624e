using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>The matchConditions of a webhook or a policy: all must be true for it to have a say.</summary>
internal static class MatchConditions
{
    public static ImmutableArray<string> Of(JsonElement holder) => [.. holder.Items("matchConditions").Select(one => one.Text("expression") ?? "")];

    /// <summary>A condition that is false decides alone, even where another has no value.</summary>
    /// <exception cref="CelError">One has no value, and none is false.</exception>
    public static bool Hold(ImmutableArray<string> conditions, IReadOnlyDictionary<string, object?> variables)
    {
        CelError? failed = null;
        foreach (var expression in conditions)
        {
            try
            {
                if (CelEvaluation.Of(CelParser.Known(expression), variables) is not true)
                    return false;
            }
            catch (CelError problem)
            {
                failed ??= new CelError($"expression '{expression}' resulted in error: {problem.Message}");
            }
        }

        return failed is null ? true : throw failed;
    }
}
