using Mesh.Api;
using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Host names as rules, Services and Host headers write them.</summary>
public static class HostNames
{
    public const string ClusterDomain = MeshNames.ClusterDomain;

    private const string ServiceSuffix = ".svc." + ClusterDomain;

    public static string OfService(ObjectKey service) => $"{service.Name}.{service.Namespace}{ServiceSuffix}";

    /// <summary>Namespace and name of the Service a full host names; null for any other host.</summary>
    public static ObjectKey? ServiceOf(string host)
    {
        if (!host.EndsWith(ServiceSuffix, StringComparison.Ordinal)) return null;
        var parts = host[..^ServiceSuffix.Length].Split('.');
        return parts is [{ Length: > 0 } and not "*", { Length: > 0 }] ? new ObjectKey(parts[1], parts[0]) : null;
    }

    /// <summary>
    /// The full name of a host written in a rule of <paramref name="ruleNamespace"/>: a name without a dot is completed,
    /// any other is taken as it stands (<c>reviews.prod</c> is not completed).
    /// </summary>
    public static string Resolve(string host, string ruleNamespace)
    {
        var lower = host.ToLowerInvariant().TrimEnd('.');
        var isShort = lower.Length > 0 && lower[0] != '*' && !lower.Contains('.') && !lower.Contains(':');
        return isShort ? OfService(new ObjectKey(ruleNamespace, lower)) : lower;
    }

    /// <summary>The more specific first: exact before wildcard, longer before shorter, then by alphabet.</summary>
    public static int CompareBySpecificity(string a, string b)
    {
        if (HostPattern.IsWildcard(a) != HostPattern.IsWildcard(b)) return HostPattern.IsWildcard(a) ? 1 : -1;
        return a.Length != b.Length ? b.Length.CompareTo(a.Length) : string.CompareOrdinal(a, b);
    }

    /// <summary>Every form of a Host header by which a client in <paramref name="clientNamespace"/> may mean this host.</summary>
    public static IEnumerable<string> HeaderForms(string host, string clientNamespace)
    {
        if (host.Contains(':'))
        {
            yield return $"[{host}]";
            yield break;
        }

        yield return host;
        // A wildcard or an address has no fully qualified form with a trailing dot.
        if (HostPattern.IsWildcard(host) || System.Net.IPAddress.TryParse(host, out _)) yield break;
        yield return host + ".";
        if (ServiceOf(host) is not { } service) yield break;
        if (service.Namespace == clientNamespace) yield return service.Name;
        yield return $"{service.Name}.{service.Namespace}";
        yield return $"{service.Name}.{service.Namespace}.svc";
    }

    /// <summary>An address as a Host header writes it.</summary>
    public static string HeaderForm(string address) => address.Contains(':') ? $"[{address}]" : address;
}
