using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The little that is made for each pod: who it is, what arrives at it, and the list of its sections.</summary>
internal sealed class PodPlanner(PlanParts parts, SectionPool pool)
{
    private readonly ILookup<string, Service> servicesOf = parts.Directory.All.ToLookup(service => service.Key.Namespace, StringComparer.Ordinal);

    private readonly InboundLimits limits = InboundLimits.Of(parts.PoliciesInForce, ClusterDefaults.Of(parts.Snapshot.Settings));

    private readonly Dictionary<ScopePlan, ImmutableArray<Section>> endpointsOf = new(ReferenceEqualityComparer.Instance);

    public PodPlan Plan(Workload workload, ScopePlan scope, PodPlan? before)
    {
        var node = parts.Snapshot.Nodes.GetValueOrDefault(workload.NodeName);
        var inputs = new PodInputs(workload, node, parts.Directory, scope, parts.Peers.For(workload), limits, Endpoints(scope), parts.Mesh, parts.ComparedLabels);
        if (before is not null && before.Inputs.SameAs(inputs)) return before;

        var arriving = InboundTranslator.Translate(workload, servicesOf[workload.Key.Namespace], inputs.Peers.Policy, scope.Scope.Sidecar, limits);
        var inbound = pool.Intern(Section.Of(arriving.Config));
        var self = pool.Intern(Section.Of(WorkloadTranslator.Translate(workload, node, parts.ComparedLabels)));
        // Groups and the sections within each stand in the order of their names.
        ImmutableArray<Section> sections = [.. scope.Clusters, .. inputs.Endpoints, inbound, parts.Mesh, scope.Outbound, .. scope.Routes, self];
        (sections, var losses) = parts.Formats.Render(sections, workload.Format);
        var unchanged = before is not null && before.Sections.AsSpan().SequenceEqual(sections.AsSpan());
        return new PodPlan(inputs, arriving.Rules, [inbound, self])
        {
            Pod = workload.Key,
            Uid = workload.Uid,
            ConfigName = workload.ConfigName,
            Sections = unchanged ? before!.Sections : sections,
            Hash = unchanged ? before!.Hash : ConfigDocument.HashOf([.. sections.Select(section => section.Ref)]),
            Losses = losses,
            IsTerminating = workload.IsTerminating,
        };
    }

    private ImmutableArray<Section> Endpoints(ScopePlan scope)
    {
        if (!endpointsOf.TryGetValue(scope, out var endpoints))
            endpointsOf.Add(scope, endpoints = [.. scope.Services.Select(parts.Endpoints.SectionOf)]);
        return endpoints;
    }
}
