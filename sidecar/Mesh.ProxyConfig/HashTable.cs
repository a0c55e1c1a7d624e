namespace Mesh.Config;

/// <summary>How hashes are laid over members.</summary>
public enum HashTable
{
    /// <summary>Ketama's ring: a member has several places by weight, a key goes to the next one.</summary>
    Ring,

    /// <summary>Maglev's table: quicker and more even, moves a little more when the pool changes.</summary>
    Maglev,
}
