using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>An object of a kind that the plan does not act on yet.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Spec">What it says.</param>
internal sealed record Written<TSpec>(RuleKey Key, TSpec Spec)
    where TSpec : class, ISpecFromUser
{
    public string Namespace => Key.Object.Namespace;

    public string Resource => Key.ToString();
}
