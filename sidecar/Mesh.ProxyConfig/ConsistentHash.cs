namespace Mesh.Config;

/// <summary>The same key goes to the same member as long as the pool is as it was, and moves little when it changes.</summary>
public sealed record ConsistentHash
{
    /// <summary>What is hashed.</summary>
    public required HashKey Key { get; init; }

    /// <summary>How keys are laid over members. Default ring hash.</summary>
    public HashTable Table { get; init; } = HashTable.Ring;

    /// <summary>Least number of entries of a ring; default 1024. Number of entries of a Maglev table, a prime; default 65537.</summary>
    public int Size { get; init; } = 1024;
}
