namespace Mesh.Cli.Tests;

public sealed class ImageTagTests
{
    [Theory]
    [InlineData("old", "TAG=DIRECTORY")]
    [InlineData("=bin", "TAG=DIRECTORY")]
    [InlineData("-old=bin", "is not a tag")]
    [InlineData("a/b=bin", "is not a tag")]
    [InlineData("old=/no/such/directory", "/no/such/directory holds none of operator, sidecar, init, bookinfo")]
    public void What_cannot_be_meant_is_told_with_its_value(string text, string told)
    {
        var mistake = ImageTag.Mistake(text);
        Assert.StartsWith($"--images {text}: ", mistake, StringComparison.Ordinal);
        Assert.Contains(told, mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_with_a_program_is_taken()
    {
        var directory = Directory.CreateTempSubdirectory("mesh-images-");
        directory.CreateSubdirectory("sidecar");
        Assert.Null(ImageTag.Mistake($"old={directory.FullName}"));
        Assert.Equal(directory.FullName, ImageTag.Read([$"old={directory.FullName}"])["old"]);
        directory.Delete(recursive: true);
    }
}
