using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>Which columns the built-in kinds have; null: name and creation time.</summary>
internal static partial class BuiltInTables
{
    public static IReadOnlyList<TableColumn>? For(ApiResource resource) => null;
}
