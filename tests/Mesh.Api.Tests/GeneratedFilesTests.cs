using Mesh.Api.Generator;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>CRDs and reference pages as committed.</summary>
public sealed class GeneratedFilesTests
{
    [Fact]
    public void Committed_files_are_what_the_entities_give()
    {
        foreach (var (path, text) in GeneratedFiles.All())
        {
            var file = Repository.Path(path);
            Assert.True(File.Exists(file), $"{path} is missing: run `make manifests`.");
            Assert.True(File.ReadAllText(file) == text, $"{path} is out of date: run `make manifests`.");
        }
    }

    // kubectl apply keeps a copy of the object in an annotation, which may hold 256 KiB.
    [Fact]
    public void Each_crd_is_small_enough_for_kubectl_apply()
    {
        foreach (var (path, text) in GeneratedFiles.All().Where(f => f.Path.StartsWith("crds/", StringComparison.Ordinal)))
            Assert.True(text.Split('\n').Sum(l => l.Trim().Length + 4) < 262_144, $"{path} is too large for kubectl apply.");
    }
}
