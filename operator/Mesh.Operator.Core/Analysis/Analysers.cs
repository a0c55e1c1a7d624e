using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Operator.Core.Analysis.Gateways;
using Mesh.Operator.Core.Analysis.Policies;
using Mesh.Operator.Core.Analysis.Routes;
using Mesh.Operator.Core.Analysis.Security;
using Mesh.Operator.Core.Analysis.Services;
using Mesh.Operator.Core.Analysis.Sidecars;
using Mesh.Operator.Core.Analysis.Telemetry;
using Mesh.Operator.Core.Analysis.Workloads;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// The one list of what is looked for between objects, for admission, status and the command line alike. What one rule says
/// by itself is its validator's; what bears on whether a rule is accepted and resolved is its verdict's; all else is here.
/// </summary>
internal static class Analysers
{
    private static readonly ImmutableArray<IAnalyser> All =
    [
        new PortNames(),
        new EntryProtocols(),
        new SidecarSelectors(),
        new HiddenDestinations(),
        new IngressRules(),
        new UnfittingRetries(),
        new SelfMirrors(),
        new UndrawnDestinations(),
        new UnmatchedPorts(),
        new StickySplits(),
        new UnnamedSubsets(),
        new Limits(),
        new HttpOnOpaquePorts(),
        new Openings(),
        new GatewayBindings(),
        new GatewayPorts(),
        new GatewayConflicts(),
        new GatewayCredentials(),
        new ClaimRoutes(),
        new PolicyTargets(),
        new TelemetryScopes(),
        new InjectionMarks(),
        new DefinitionsOfOthers(),
        new RootsOfOthers(),
        new InjectionRefusals(),
        new ReservedUsers(),
        new ServiceAssociations(),
        new AutoImages(),
        new IstioAnnotations(),
        new OlderSidecars(),
    ];

    public static ImmutableArray<Finding> Run(Inventory mesh) => [.. All.SelectMany(analyser => analyser.Analyse(mesh))];
}
