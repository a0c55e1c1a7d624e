namespace Mesh.EndToEnd.Tests;

/// <summary>Tests of one collection run one after the other: they share the mesh and its rules.</summary>
[CollectionDefinition(Name)]
public sealed class MeshCollection : ICollectionFixture<RunningMesh>
{
    public const string Name = "mesh";
}
