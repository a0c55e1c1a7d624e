using System.Text.Json;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Schema;

internal static class CelRules
{
    public static void Add(List<FieldProblem> problems, JsonElement schema, JsonElement item, JsonElement? before)
    {
    }
}
