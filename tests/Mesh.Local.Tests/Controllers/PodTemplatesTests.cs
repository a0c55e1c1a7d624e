using k8s.Models;
using Mesh.Local.Controllers;

namespace Mesh.Local.Tests.Controllers;

public sealed class PodTemplatesTests
{
    [Theory]
    [InlineData("25%", 4, true, 1)]
    [InlineData("25%", 3, true, 1)]
    [InlineData("25%", 3, false, 0)]
    [InlineData("2", 3, false, 2)]
    [InlineData(null, 8, true, 2)]
    public void Shares_are_numbers_or_rounded_percentages(string? value, int of, bool up, int expected) =>
        Assert.Equal(expected, PodTemplates.Share(value is null ? null : (IntOrString)value, of, up, "25%"));

    [Fact]
    public void The_hash_tells_templates_apart_and_stays()
    {
        var a = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "a" } }, Spec = new V1PodSpec { Containers = [] } };
        var b = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "b" } }, Spec = new V1PodSpec { Containers = [] } };
        Assert.Equal(PodTemplates.Hash(a), PodTemplates.Hash(a));
        Assert.NotEqual(PodTemplates.Hash(a), PodTemplates.Hash(b));
        Assert.Equal(10, PodTemplates.Hash(a).Length);
    }
}
