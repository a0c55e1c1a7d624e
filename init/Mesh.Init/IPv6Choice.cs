namespace Mesh.Init;

/// <summary>Whether IPv6 is captured.</summary>
public enum IPv6Choice
{
    /// <summary>Where the pod has IPv6.</summary>
    Auto,

    /// <summary>Always; it is an error where that cannot be done.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}
