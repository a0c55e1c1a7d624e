using Mesh.Local.Node.Pods;

namespace Mesh.Local.Tests.Node;

public sealed class ContainerEnvironmentTests
{
    private static readonly Dictionary<string, string> Values = new() { ["A"] = "1", ["B"] = "$(A)" };

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(B)", "x1y$(A)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$(MISSING)", "$(MISSING)")]
    [InlineData("$A $ $(", "$A $ $(")]
    [InlineData("100$", "100$")]
    public void References_are_expanded_once_and_unknown_ones_stay(string text, string expected) =>
        Assert.Equal(expected, ContainerEnvironment.Expand(text, Values));
}
