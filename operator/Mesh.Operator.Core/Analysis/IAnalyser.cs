using Mesh.Api;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// One thing that can be wrong between objects. What enters is all that is known; what leaves is a finding for each place
/// where it is so, each with the object it is about. It decides nothing about traffic and never fails for what a user wrote.
/// </summary>
internal interface IAnalyser
{
    IEnumerable<Finding> Analyse(Inventory mesh);
}
