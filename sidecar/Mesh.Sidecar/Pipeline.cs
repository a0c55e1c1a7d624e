using Mesh.Sidecar.Filters;

namespace Mesh.Sidecar;

/// <summary>The request's way: two lists, one step a line, each with the reason for its place.</summary>
public sealed class Pipeline(PipelineParts parts)
{
    /// <summary>From the application to the world.</summary>
    public Filter Outbound { get; } = Filter.Chain(
        new RecordFilter(parts.Recorder, parts.Time),            // first: whatever happens below is logged and counted, once
        new AnswerFilter(),                                      // above all that may stop the way: it speaks for them
        new IdentityHeadersFilter(parts.Random),                 // before matching: rules may ask for these headers
        new ClientCertificateFilter(),                           // an application's claim about its own callers stays with it
        new OutboundRouteFilter(),                               // port and Host choose the rules, the first match its route
        new RedirectFilter(),                                    // a route that answers by itself has no destination: nothing below concerns it
        new DirectResponseFilter(),                              // as above
        new CorsFilter(),                                        // before faults: a preflight is not the request
        new FaultFilter(parts.Random, parts.Time),               // before the split: an aborted request has no destination
        new ClusterFilter(parts.Random),                         // the route's split; a broken share answers for itself
        new HeadersFilter(),                                     // after the split: a destination may change headers too
        new RewriteFilter(),                                     // after the headers: they may quote what was asked for
        new LimitsFilter(),                                      // before the tries: the timeout covers them all
        new MirrorFilter(parts.Mirrors, parts.Random),           // before the tries: a request is copied once, as it is sent
        new ForwardFilter(parts));                               // retry { pick an endpoint, forward }

    /// <summary>From the world to the application.</summary>
    public Filter Inbound { get; } = Filter.Chain(
        new RecordFilter(parts.Recorder, parts.Time),            // first: whatever happens below is logged and counted, once
        new AnswerFilter(),                                      // above all that may stop the way: it speaks for them
        new IdentityHeadersFilter(parts.Random),                 // callers without a sidecar send none
        new ClientCertificateFilter(),                           // who calls, as proved: before policies and the application see it
        new InboundRouteFilter(),                                // one route a port
        new LimitsFilter(),                                      // before the tries: the timeout covers them all
        new ForwardFilter(parts));                               // to the address the connection was going to
}
