using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class LogFormatTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("%PROTOCOL%\n", false)]
    [InlineData("""{"a": "%PROTOCOL%", "b": {"c": ["%DURATION%", 1, null]}}""", true)]
    public void What_can_be_written_has_no_problem(string format, bool json) => Assert.Null(LogFormat.Problem(format, json));

    [Theory]
    [InlineData("50%", false, "begins an operator")]
    [InlineData("%PROTOCOL%", true, "is a JSON object")]
    [InlineData("[]", true, "is a JSON object")]
    [InlineData("""{"a": {"b": "50%"}}""", true, "begins an operator")]
    [InlineData("""{"a": ["50%"]}""", true, "begins an operator")]
    public void What_cannot_is_told(string format, bool json, string problem)
    {
        Assert.Contains(problem, LogFormat.Problem(format, json), StringComparison.Ordinal);

        var settings = new MeshSettings { AccessLogFormat = format, AccessLogJson = json };
        var found = Assert.Single(ProxyConfigValidator.Validate(new SampleConfig { Mesh = settings }.Assembled()));
        Assert.Equal("mesh: accessLogFormat", found.Path);
    }

    [Fact]
    public void Operators_that_have_no_value_here_are_told() =>
        Assert.Equal(["CEL", "OTHER"], LogFormat.Unknown("""{"a": ["%CEL(x)% %PROTOCOL%"], "b": {"c": "%OTHER%"}}""", json: true));
}
