using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>The images, built by buildah on a base that debootstrap makes, each program run in its own read-only root (`make images-test`).</summary>
public sealed class ImageTests
{
    [Fact]
    public void Images_build_without_a_registry_and_their_programs_run_in_them()
    {
        Needs.Long();
        Needs.Netns();
        Needs.Program("buildah", "buildah");
        Needs.Program("debootstrap", "debootstrap");
        var run = Command.Run("make", ["-C", Repository.Root, "images-test"], timeout: TimeSpan.FromMinutes(40));
        Assert.True(run.ExitCode == 0, $"{run.Output}\n{run.Error}");
        Assert.Contains(" passed, 0 failed", run.Output, StringComparison.Ordinal);
    }
}
