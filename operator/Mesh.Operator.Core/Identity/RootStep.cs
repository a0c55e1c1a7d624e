namespace Mesh.Operator.Core.Identity;

/// <summary>What is to be done about the roots now.</summary>
public enum RootStep
{
    /// <summary>Nothing.</summary>
    Stay,

    /// <summary>Make the next root and publish it beside the present one.</summary>
    Introduce,

    /// <summary>The incoming root is published and not yet trusted by all: wait.</summary>
    AwaitTrust,

    /// <summary>Sign with the incoming root from now on.</summary>
    MoveSigning,

    /// <summary>The outgoing root's last certificate has run out: publish it no longer.</summary>
    Retire,
}
