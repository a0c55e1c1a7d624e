using System.Text.Json;
using Mesh.Api;

namespace Mesh.Operator.Core.Status;

/// <summary>A status as it is stored, for comparing.</summary>
internal static class StatusText
{
    public static string Of(RuleStatus status) => JsonSerializer.Serialize(status, status.GetType(), ApiJson.Options);
}
