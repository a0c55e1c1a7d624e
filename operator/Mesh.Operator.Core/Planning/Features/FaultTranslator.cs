using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A rule's faults -> how many requests meet which.</summary>
internal static class FaultTranslator
{
    /// <summary>Null where no request can ever meet one, as without a percentage.</summary>
    public static Fault? Translate(HttpFaultInjection? fault)
    {
        var delay = fault?.Delay?.FixedDelay?.Value is { } time && time > TimeSpan.Zero ? time : (TimeSpan?)null;
        var delayed = delay is null ? 0 : fault!.Delay!.Percentage?.Value ?? fault.Delay.Percent ?? 0;
        var status = fault?.Abort?.HttpStatus;
        var grpc = status is null && fault?.Abort?.GrpcStatus is { } name ? GrpcStatuses.NumberOf(name) : null;
        var aborted = status is null && grpc is null ? 0 : fault!.Abort!.Percentage?.Value ?? 0;
        if (delayed <= 0 && aborted <= 0) return null;
        return new Fault
        {
            Delay = delayed > 0 ? delay : null,
            DelayPercent = Math.Clamp(delayed, 0, 100),
            AbortPercent = Math.Clamp(aborted, 0, 100),
            AbortStatus = aborted > 0 ? status : null,
            AbortGrpcStatus = aborted > 0 ? grpc : null,
        };
    }
}
