using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>The name somebody probably meant.</summary>
internal static class Suggestions
{
    /// <summary>The nearest of the candidates, if it is near enough to be a slip of the pen.</summary>
    public static string? Nearest(string written, IEnumerable<string> candidates) =>
        candidates.Select(candidate => (Name: candidate, Distance: Distance(written, candidate)))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Min(written.Length, candidate.Name.Length) / 3))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    /// <summary>What to do about a host that is no service.</summary>
    public static string ForHost(string written, string ruleNamespace, IEnumerable<Service> services)
    {
        var known = services.ToList();
        var host = HostNames.Resolve(written, ruleNamespace);
        if (known.Any(service => service.Host == $"{host}.svc.{HostNames.ClusterDomain}"))
            return $"A name with a dot is taken as it stands: write {host}.svc.{HostNames.ClusterDomain}.";
        if (HostNames.ServiceOf(host) is { } meant)
        {
            if (Nearest(meant.Name, known.Where(service => service.Key.Namespace == meant.Namespace).Select(service => service.Key.Name)) is { } near)
                return $"Did you mean {(host == written ? HostNames.OfService(meant with { Name = near }) : near)}? Else create the Service.";
            if (known.FirstOrDefault(service => service.Key.Name == meant.Name) is { } elsewhere)
                return $"There is one in another namespace: write {elsewhere.Host} if that is meant.";
        }

        return "Correct the name or create the Service.";
    }

    // Edits between two names (insert, delete, replace), by the usual table kept to one row.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
