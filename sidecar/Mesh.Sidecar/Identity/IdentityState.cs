namespace Mesh.Sidecar.Identity;

/// <summary>Identity and trust in force. Read by every handshake, written by the loops that keep them.</summary>
public sealed class IdentityState
{
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile WorkloadIdentity? current;
    private volatile TrustBundle? trust;

    /// <summary>Raised after either changed.</summary>
    public event Action? Changed;

    /// <summary>The certificate in force; <c>null</c> before the first.</summary>
    public WorkloadIdentity? Current => current;

    /// <summary>The roots in force; <c>null</c> before they were read.</summary>
    public TrustBundle? Trust => trust;

    /// <summary>Completes once there is a certificate and a root to hold others against.</summary>
    public Task Ready => ready.Task;

    public void Put(WorkloadIdentity identity)
    {
        current = identity;
        Announce();
    }

    public void Put(TrustBundle bundle)
    {
        trust = bundle;
        Announce();
    }

    private void Announce()
    {
        if (current is not null && trust is not null) ready.TrySetResult();
        Changed?.Invoke();
    }
}
