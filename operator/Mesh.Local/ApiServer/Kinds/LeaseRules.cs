using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Leases: a duration that lasts.</summary>
internal sealed class LeaseRules : KindRules
{
    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        if (item.Integer("spec", "leaseDurationSeconds") is <= 0 and var seconds)
            problems.Add(FieldProblem.Invalid("spec.leaseDurationSeconds", seconds.ToString(CultureInfo.InvariantCulture), "must be greater than 0"));
        if (item.Integer("spec", "leaseTransitions") is < 0 and var transitions)
            problems.Add(FieldProblem.Invalid("spec.leaseTransitions", transitions.ToString(CultureInfo.InvariantCulture), "must be greater than or equal to 0"));
    }
}
