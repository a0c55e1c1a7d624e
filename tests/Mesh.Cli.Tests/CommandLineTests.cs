namespace Mesh.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("exec")]
    [InlineData("logs")]
    [InlineData("status")]
    [InlineData("analyze")]
    [InlineData("config")]
    [InlineData("certs")]
    public async Task Every_command_has_help(string command)
    {
        var (code, output, _) = await RunAsync(command, "--help");
        Assert.Equal(ExitCodes.Fine, code);
        Assert.Contains("Usage:", output);
        Assert.Contains("--name", output);
    }

    [Theory]
    [InlineData("no-such-command")]
    [InlineData("up", "--no-such-option")]
    [InlineData("up", "--name", "Not Good")]
    [InlineData("up", "--images", "old")]
    [InlineData("status", "-o", "xml")]
    [InlineData("certs", "-o", "xml")]
    [InlineData("certs", "renew-leaf")]
    [InlineData("exec", "pod")]
    public async Task Wrong_words_are_a_usage_error(params string[] words)
    {
        var (code, _, error) = await RunAsync(words);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith("mesh: ", error);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("certs")]
    [InlineData("certs", "renew-root")]
    [InlineData("exec", "pod", "--", "true")]
    [InlineData("config", "pod")]
    public async Task Without_a_mesh_the_command_says_how_to_start_one(params string[] words)
    {
        var (code, _, error) = await RunAsync([words[0], "--name", "none-such", .. words[1..]]);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("mesh up --name none-such", error);
    }

    [Fact]
    public async Task Nothing_to_end_is_fine()
    {
        var (code, output, _) = await RunAsync("down", "--name", "none-such");
        Assert.Equal(ExitCodes.Fine, code);
        Assert.Contains("no mesh named none-such runs", output);
    }

    [Fact]
    public async Task A_manifest_that_does_not_exist_is_told_before_anything_starts()
    {
        var (code, _, error) = await RunAsync("up", "--name", "none-such", "-f", "/no/such/file.yaml");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("/no/such/file.yaml", error);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await MeshCommand.RunAsync(words, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
