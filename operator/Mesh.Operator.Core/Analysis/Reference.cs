using Mesh.Api;

namespace Mesh.Operator.Core.Analysis;

/// <summary>A name in a rule that leads nowhere.</summary>
/// <param name="Reason">One of <see cref="ConditionReasons"/>.</param>
/// <param name="Finding">Where, what and what to do.</param>
internal sealed record Reference(string Reason, Finding Finding);
