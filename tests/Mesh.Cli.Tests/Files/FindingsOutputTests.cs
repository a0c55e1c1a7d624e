using System.Text.Json;
using Mesh.Api;
using Mesh.Cli.Files;

namespace Mesh.Cli.Tests.Files;

public sealed class FindingsOutputTests
{
    private static readonly Finding Error = new() { Severity = Severity.Error, Code = "IST0101", Resource = "VirtualService/default/[a]", Path = "spec.http[0]", Value = "x", Message = "M.", Remedy = "R." };

    private static readonly Finding Note = new() { Severity = Severity.Info, Code = "IST0118", Resource = "Namespace/shop", Message = "N." };

    [Fact]
    public void Scripts_find_the_same_members_in_each_finding()
    {
        var output = new StringWriter();
        FindingsOutput.Write([Error, Note], 2, asJson: true, output);
        using var array = JsonDocument.Parse(output.ToString());
        Assert.All(array.RootElement.EnumerateArray(), finding => Assert.Equal(
            ["severity", "code", "resource", "path", "value", "message", "remedy"], finding.EnumerateObject().Select(member => member.Name)));
        Assert.Equal("VirtualService default/[a]", array.RootElement[0].GetProperty("resource").GetString());
        Assert.Equal("error", array.RootElement[0].GetProperty("severity").GetString());
        Assert.Equal("Namespace shop", array.RootElement[1].GetProperty("resource").GetString());
    }

    [Fact]
    public void People_are_told_object_place_value_and_remedy()
    {
        var output = new StringWriter();
        FindingsOutput.Write([Error, Note], 7, asJson: false, output);
        var text = output.ToString();
        Assert.Contains("VirtualService default/[a]", text, StringComparison.Ordinal);
        Assert.Contains("IST0101 spec.http[0] \"x\"", text, StringComparison.Ordinal);
        Assert.Contains("-> R.", text, StringComparison.Ordinal);
        Assert.Contains("1 error, 1 note in 7 objects", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exit_code_tells_errors_from_what_could_not_be_read()
    {
        Assert.Equal(0, FindingsOutput.ExitCode([Note], everythingRead: true));
        Assert.Equal(1, FindingsOutput.ExitCode([Note, Error], everythingRead: true));
        Assert.Equal(2, FindingsOutput.ExitCode([Error], everythingRead: false));
    }
}
