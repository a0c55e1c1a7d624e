using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>How a command ended, in the two forms clients are told it.</summary>
internal sealed record CommandOutcome(JsonObject Status)
{
    public bool IsFailure => Status["status"]!.GetValue<string>() != "Success";

    public string Text => Status["message"]?.GetValue<string>() ?? "";

    public static CommandOutcome Ended(int? exitCode, IEnumerable<string> command) => exitCode is null or 0
        ? new CommandOutcome(new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" })
        : new CommandOutcome(new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"command terminated with non-zero exit code: error executing command [{string.Join(' ', command)}], exit code {exitCode}",
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = exitCode.Value.ToString(CultureInfo.InvariantCulture) }),
            },
        });

    public static CommandOutcome Refused(string why) =>
        new(Http.StatusException.Internal(why).ToStatus());
}
