using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Identity;

/// <summary>Keeps the trust of the mounted directory in force. What is broken changes nothing and is named.</summary>
public sealed class TrustFile(string directory, IdentityState state, TimeProvider time, ILogger<TrustFile> log) : IDisposable
{
    private readonly DirectoryWatch watch = new(directory, time, log);
    private string? seen;

    /// <summary>Raised after <see cref="Failure"/> changed.</summary>
    public event Action? Changed;

    /// <summary>Why the mounted trust is not the one in force; empty when it is.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Reads what is there, then every change, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => watch.RunAsync(ReadAsync, cancellation);

    /// <inheritdoc/>
    public void Dispose() => watch.Dispose();

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var (roots, @operator, address, domain) = (
            await TextAsync(WellKnown.TrustRoots, cancellation).ConfigureAwait(false),
            await TextAsync(WellKnown.TrustOperator, cancellation).ConfigureAwait(false),
            await TextAsync(WellKnown.TrustAddress, cancellation).ConfigureAwait(false),
            await TextAsync(WellKnown.TrustDomain, cancellation).ConfigureAwait(false));
        var now = string.Join('\n', roots, @operator, address, domain);
        if (now == seen) return;
        seen = now;
        if (TryParse(roots, @operator, address, domain, out var bundle) is { } wrong)
        {
            Fail(wrong);
            return;
        }

        state.Put(bundle!);
        log.LogInformation(
            "Trusted now: {Roots}; operator {Operator} at {Address}",
            string.Join(", ", bundle!.Roots.Select(SpiffeCertificates.FingerprintOf)), bundle.Operator, bundle.Address.Length > 0 ? bundle.Address : "no address");
        Tell("");
    }

    private static string? TryParse(string? roots, string? @operator, string? address, string? domain, out TrustBundle? bundle)
    {
        bundle = null;
        if (roots is null) return $"{WellKnown.TrustRoots} is not there";
        if (@operator is null) return $"{WellKnown.TrustOperator} is not there";
        if (string.IsNullOrEmpty(domain)) return $"{WellKnown.TrustDomain} is not there or empty";
        if (!SpiffeId.TryParse(@operator, out var id)) return $"{WellKnown.TrustOperator}: '{@operator}' is not a SPIFFE id";
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(roots);
        }
        catch (CryptographicException broken)
        {
            return $"{WellKnown.TrustRoots}: {broken.Message}";
        }

        if (certificates.Count == 0) return $"{WellKnown.TrustRoots}: holds no certificate";
        bundle = new TrustBundle { Roots = certificates, Operator = id, Address = address ?? "", TrustDomain = domain };
        return null;
    }

    private async Task<string?> TextAsync(string name, CancellationToken cancellation) =>
        await watch.ReadAsync(name, cancellation).ConfigureAwait(false) is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null;

    private void Fail(string wrong)
    {
        // Nothing mounted yet is waiting, not failing; what it waits for is told by readiness.
        if (state.Trust is null) log.LogInformation("Waiting for the mesh's roots in {Directory}: {Reason}", directory, wrong);
        else log.LogError("The roots in {Directory} are not taken, those in force stay: {Reason}", directory, wrong);
        Tell($"{directory}: {wrong}");
    }

    private void Tell(string failure)
    {
        Failure = failure;
        Changed?.Invoke();
    }
}
