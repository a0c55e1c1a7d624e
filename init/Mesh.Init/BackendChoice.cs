namespace Mesh.Init;

/// <summary>Which of the two iptables of a Linux system is used. Rules of both in one namespace contradict each other.</summary>
public enum BackendChoice
{
    /// <summary>The one that already holds rules here, else nft.</summary>
    Auto,

    /// <summary>iptables-nft.</summary>
    Nft,

    /// <summary>iptables-legacy.</summary>
    Legacy,
}
