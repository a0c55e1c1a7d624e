using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Mesh.ApiServer.Conformance.Tests.Servers;

/// <summary>
/// Runs a test once on each server that there is here, and again for each row of the values given. A server that is not there
/// makes no row: <see cref="AbsentServerTests"/> says so once, loudly, instead of once a behaviour.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnEveryServerAttribute(params object?[] values) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. ServerPool.Present.Select(kind => new TheoryDataRow([kind, .. values]))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
