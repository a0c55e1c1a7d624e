namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>One annotation of Istio's: where it belongs, whether Istio gave it up or never settled it, and what it takes.</summary>
/// <param name="Kinds">Kinds it means something on; empty for any.</param>
/// <param name="IsDeprecated">Istio gave it up.</param>
/// <param name="IsAlpha">Istio may change or drop it.</param>
/// <param name="Takes">Whether a value is one it takes; null for any.</param>
internal sealed record KnownAnnotation(string[] Kinds, bool IsDeprecated = false, bool IsAlpha = true, Func<string, bool>? Takes = null);
