using System.Collections.Immutable;
using Mesh.Local.Node.Containers;
using Mesh.Testing;

namespace Mesh.Local.Tests.Node;

public sealed class ImagesTests : IDisposable
{
    private readonly string _other = Directory.CreateTempSubdirectory("mesh-images-").FullName;
    private readonly Images _images;

    public ImagesTests()
    {
        var program = Directory.CreateDirectory(Path.Combine(_other, "sidecar")).FullName;
        File.WriteAllText(Path.Combine(program, "Mesh.Sidecar.dll"), "");
        File.WriteAllText(Path.Combine(program, "Mesh.Sidecar.runtimeconfig.json"), "{}");
        _images = new Images(Repository.Path("bin"), "/usr/share/dotnet") { Tags = ImmutableDictionary<string, string>.Empty.Add("old", _other) };
    }

    public void Dispose() => Directory.Delete(_other, recursive: true);

    [Fact]
    public void A_tag_means_the_programs_it_was_given()
    {
        Assert.Equal(Path.Combine(_other, "sidecar"), _images.Find("mesh/sidecar:old").Mounts[0].Source);
        foreach (var name in new[] { "mesh/sidecar", "mesh/sidecar:latest", $"mesh/sidecar:{Images.Version}" })
            Assert.Equal(Repository.Path("bin/sidecar"), _images.Find(name).Mounts[0].Source);
    }

    [Fact]
    public void A_tag_nobody_gave_is_an_error_that_names_those_there_are_and_how_to_give_one()
    {
        var refused = Assert.Throws<ContainerStartException>(() => _images.Find("mesh/sidecar:0.0.9"));
        Assert.Equal("ErrImagePull", refused.Reason);
        Assert.Contains($"the tags of mesh/sidecar are {Images.Version}, old", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--images 0.0.9=DIRECTORY", refused.Message, StringComparison.Ordinal);
        Assert.Equal("ErrImageNeverPull", Assert.Throws<ContainerStartException>(() => _images.Find("mesh/sidecar:0.0.9", "Never")).Reason);
    }

    [Fact]
    public void A_program_the_directory_does_not_hold_is_named() =>
        Assert.Contains(Path.Combine(_other, "operator"), Assert.Throws<ContainerStartException>(() => _images.Find("mesh/operator:old")).Message, StringComparison.Ordinal);
}
