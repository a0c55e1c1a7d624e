namespace Mesh.Operator.Core.Injection;

public enum InjectionVerdict
{
    /// <summary>The pod stays as it is.</summary>
    Leave,

    /// <summary>The pod gets a sidecar.</summary>
    Inject,

    /// <summary>The pod asks for a sidecar that could not work; better no pod than one whose traffic goes nowhere.</summary>
    Refuse,
}
