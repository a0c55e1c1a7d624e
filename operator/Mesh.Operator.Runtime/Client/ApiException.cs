using System.Net;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>The API server's refusal, with its own words.</summary>
public sealed class ApiException(HttpStatusCode code, string reason, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public HttpStatusCode Code { get; } = code;

    /// <summary>The machine-readable reason of the Status object, for example <c>AlreadyExists</c>; empty without.</summary>
    public string Reason { get; } = reason;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    public bool IsConflict => Code == HttpStatusCode.Conflict;

    /// <summary>The namespace is being deleted: nothing new is taken in, and what stands in it goes.</summary>
    public bool IsOfTerminatingNamespace => Code == HttpStatusCode.Forbidden && Message.Contains("because it is being terminated", StringComparison.Ordinal);

    /// <summary>A ResourceQuota of the namespace leaves no room.</summary>
    public bool IsOfQuota => Code == HttpStatusCode.Forbidden && Message.Contains("exceeded quota", StringComparison.Ordinal);

    /// <summary>The resourceVersion asked for is no longer kept: only a new list helps.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone;

    public static ApiException From(V1Status status, string what) =>
        new((HttpStatusCode)(status.Code ?? 500), status.Reason ?? "", $"{what}: {status.Message ?? status.Reason ?? "no reason given"}");
}
