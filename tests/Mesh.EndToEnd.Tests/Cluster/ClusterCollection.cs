namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// Tests on a given cluster run one after the other: they share it, and some of them take its operator or a node away.
/// </summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterBookinfo>
{
    public const string Name = "cluster";
}
