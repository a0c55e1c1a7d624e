using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// TLS that the proxy speaks to a destination outside the mesh. Equal when it is told the same: connections made by one may be
/// used by the other. Files are followed; key material stays in this process.
/// </summary>
public sealed class OriginatedTls : IEquatable<OriginatedTls>
{
    private readonly TlsOrigination terms;
    private readonly string text;
    private readonly string host;
    private readonly Credentials? credentials;
    private readonly FreshFile<X509Certificate2Collection>? roots;
    private readonly FreshFile<RevocationList>? revocations;
    private readonly FreshFile<SslStreamCertificateContext>? certificate;

    /// <param name="terms">As told.</param>
    /// <param name="host">Host of the cluster: the server name where the request tells none.</param>
    /// <param name="credentials">Where a credential is found by its name.</param>
    public OriginatedTls(TlsOrigination terms, string host, Credentials? credentials = null)
    {
        (this.terms, this.host, this.credentials) = (terms, host, credentials);
        // By name, not by hash: connections outlive the certificate they began with. One that is taken away ends them.
        var credential = $"{terms.Credential?.Name} {terms.Credential?.Why is not null}";
        text = string.Join('\n', [host, terms.Sni, string.Join(',', terms.SubjectAltNames), terms.RootsFile, terms.RevocationsFile, terms.CertificateFile, terms.KeyFile, credential, $"{terms.SkipVerification}"]);
        if (terms.RootsFile.Length > 0) roots = FreshFile<X509Certificate2Collection>.Of(terms.RootsFile, RootsOf);
        if (terms.RevocationsFile.Length > 0) revocations = FreshFile<RevocationList>.Of(terms.RevocationsFile, RevocationList.Parse);
        if (terms.CertificateFile.Length > 0)
            certificate = new FreshFile<SslStreamCertificateContext>(() => $"{File.ReadAllText(terms.CertificateFile)}\n{File.ReadAllText(terms.KeyFile)}", Credential.Read);
    }

    /// <summary>The server name for a request to this authority; what names no host is asked for by the destination's own.</summary>
    public string NameFor(string authority)
    {
        if (terms.Sni.Length > 0) return terms.Sni;
        var colon = authority.LastIndexOf(':');
        var asked = colon > 0 && !authority.EndsWith(']') ? authority[..colon] : authority;
        return Uri.CheckHostName(asked) == UriHostNameType.Dns ? asked.ToLowerInvariant() : host.TrimStart('*', '.');
    }

    /// <summary>
    /// Makes the handshake over a connection that was just opened, which it owns from here on. Failing throws a
    /// <see cref="ConnectFailedException"/>, but for the caller's own cancellation.
    /// </summary>
    public async ValueTask<SslStream> AuthenticateAsync(
        Stream connection, EndPoint endPoint, string serverName, SslApplicationProtocol? carried, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var why = WhyNotReady(time.GetUtcNow(), out var shown, out var credential);
        if (why.Length > 0)
        {
            await connection.DisposeAsync();
            throw new ConnectFailedException(endPoint, $"TLS: {why}", null);
        }

        var stream = new SslStream(connection);
        using var deadline = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = serverName,
                    ClientCertificateContext = shown,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = carried is { } protocol ? [protocol] : null,
                    AllowRenegotiation = false,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    CertificateChainPolicy = MutualTlsTerms.NoChain,
                    RemoteCertificateValidationCallback = (_, server, chain, _) => (why = WhyNot(server as X509Certificate2, chain, serverName, credential)).Length == 0,
                },
                either.Token);
            return stream;
        }
        catch (OperationCanceledException e)
        {
            await stream.DisposeAsync();
            if (cancellation.IsCancellationRequested) throw;
            throw new ConnectFailedException(endPoint, "TLS: handshake timeout", e);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or ObjectDisposedException)
        {
            await stream.DisposeAsync();
            throw new ConnectFailedException(endPoint, $"TLS: {(why.Length > 0 ? why : MutualTlsTerms.Reason(e))}", e);
        }
    }

    public bool Equals(OriginatedTls? other) => other is not null && text == other.text;

    public override bool Equals(object? obj) => Equals(obj as OriginatedTls);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);

    private string WhyNotReady(DateTimeOffset now, out SslStreamCertificateContext? shown, out Credential? credential)
    {
        (shown, credential) = (null, null);
        if (terms.Credential is { } named)
        {
            var why = $"the credential '{named.Name}' was not handed over to this proxy";
            credential = credentials?.Read(named, now, out why);
            shown = credential?.Shown;
            return credential is null ? why : "";
        }

        if (certificate is not null && (shown = certificate.Read(out var unread)) is null) return $"the certificate to be shown cannot be read: {unread}";
        return "";
    }

    private string WhyNot(X509Certificate2? server, X509Chain? sent, string serverName, Credential? credential)
    {
        if (terms.SkipVerification) return "";
        if (server is null) return "the server showed no certificate";
        var (trusted, revoked) = (credential?.Roots, credential?.Revocations);
        if (roots is not null && (trusted = roots.Read(out var unread)) is null) return $"the roots in {terms.RootsFile} cannot be read: {unread}";
        if (revocations is not null && (revoked = revocations.Read(out unread)) is null) return $"the revocations in {terms.RevocationsFile} cannot be read: {unread}";
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (sent is not null) chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        if (trusted is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        if (!chain.Build(server)) return $"the server's certificate is not trusted: {string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.TrimEnd('.', '\n')).Distinct())}";
        if (revoked is not null && chain.ChainElements.Any(element => revoked.Has(element.Certificate))) return "the server's certificate is revoked";
        return IsFor(server, serverName) ? "" : $"the server's certificate is for {NamesOf(server)}, expected {(terms.SubjectAltNames.IsEmpty ? serverName : string.Join(" or ", terms.SubjectAltNames))}";
    }

    private bool IsFor(X509Certificate2 server, string serverName) => terms.SubjectAltNames.IsEmpty
        ? Matches(server, serverName)
        : terms.SubjectAltNames.Any(name => name.Contains("://", StringComparison.Ordinal) ? AlternativeNames.UrisOf(server).Contains(name) : Matches(server, name));

    // What is no name at all matches nothing.
    private static bool Matches(X509Certificate2 server, string name) =>
        Uri.CheckHostName(name) != UriHostNameType.Unknown && server.MatchesHostname(name, allowWildcards: true, allowCommonName: false);

    private static string NamesOf(X509Certificate2 server)
    {
        var names = AlternativeNames.AllOf(server);
        return names.Count == 0 ? "no name" : string.Join(", ", names.Take(5));
    }

    private static X509Certificate2Collection RootsOf(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return found.Count > 0 ? found : throw new CryptographicException("the file holds no certificate in PEM");
    }
}
