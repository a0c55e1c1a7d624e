using System.Globalization;
using Mesh.Api.Security;

namespace Mesh.Api.Validation;

/// <summary>Who, what and when in an AuthorizationPolicy.</summary>
internal static class AuthorizationRules
{
    private static readonly string[] PlainKeys =
    [
        "source.namespace", "source.principal", "source.serviceAccount", "source.trustDomain", "request.auth.principal", "request.auth.audiences",
        "request.auth.presenter", "connection.sni",
    ];

    private static readonly string[] AddressKeys = ["source.ip", "remote.ip", "destination.ip"];

    private static readonly string[] MapKeys = ["request.headers", "request.auth.claims", "experimental.envoy.filters."];

    /// <summary>One rule.</summary>
    public static void Check(FindingList found, string path, AuthorizationRule rule, bool custom)
    {
        for (var i = 0; i < (rule.From?.Count ?? 0); i++)
        {
            if (rule.From![i].Source is { } source)
                Source(found, $"{path}.from[{i}].source", source, custom);
        }

        for (var i = 0; i < (rule.To?.Count ?? 0); i++)
        {
            if (rule.To![i].Operation is { } operation)
                Operation(found, $"{path}.to[{i}].operation", operation);
        }

        for (var i = 0; i < rule.When.Count; i++)
            Condition(found, $"{path}.when[{i}]", rule.When[i], custom);
    }

    /// <summary>The first rule that asks for something of a request without naming ports, which no plain connection has; <c>null</c> if none does.</summary>
    public static int? OnlyRequests(IReadOnlyList<AuthorizationRule> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i];
            var ports = (rule.To ?? []).Any(to => to.Operation is { } o && (o.Ports.Count > 0 || o.NotPorts.Count > 0)) || rule.When.Any(when => when.Key == "destination.port");
            if (!ports && AsksRequests(rule))
                return i;
        }

        return null;
    }

    private static bool AsksRequests(AuthorizationRule rule) =>
        (rule.From ?? []).Any(from => from.Source is { } s && (s.RequestPrincipals.Count > 0 || s.NotRequestPrincipals.Count > 0))
        || (rule.To ?? []).Any(to => to.Operation is { } o && new[] { o.Hosts, o.NotHosts, o.Methods, o.NotMethods, o.Paths, o.NotPaths }.Any(list => list.Count > 0))
        || rule.When.Any(when => when.Key is { } key && key.StartsWith("request.", StringComparison.Ordinal));

    private static void Source(FindingList found, string path, AuthorizationSource source, bool custom)
    {
        (string Name, IReadOnlyList<string> Values)[] lists =
        [
            ("principals", source.Principals), ("notPrincipals", source.NotPrincipals), ("requestPrincipals", source.RequestPrincipals),
            ("notRequestPrincipals", source.NotRequestPrincipals), ("namespaces", source.Namespaces), ("notNamespaces", source.NotNamespaces),
            ("serviceAccounts", source.ServiceAccounts), ("notServiceAccounts", source.NotServiceAccounts), ("ipBlocks", source.IpBlocks),
            ("notIpBlocks", source.NotIpBlocks), ("remoteIpBlocks", source.RemoteIpBlocks), ("notRemoteIpBlocks", source.NotRemoteIpBlocks),
            ("trustDomains", source.TrustDomains), ("notTrustDomains", source.NotTrustDomains),
        ];
        if (lists.All(list => list.Values.Count == 0))
            found.Error(path, null, "It says nothing about the caller.", "Add principals, namespaces, ipBlocks or another field.");
        foreach (var (name, values) in lists)
        {
            NotEmpty(found, $"{path}.{name}", values);
            if (name.EndsWith("pBlocks", StringComparison.Ordinal))
                Addresses(found, $"{path}.{name}", values);
            if (name.EndsWith("erviceAccounts", StringComparison.Ordinal))
                ServiceAccounts(found, $"{path}.{name}", values);
            // Whoever decides is asked before the token is looked at, and gets no names of the caller.
            if (custom && values.Count > 0 && name.EndsWith("rincipals", StringComparison.Ordinal) | name.EndsWith("amespaces", StringComparison.Ordinal))
                found.Error($"{path}.{name}", values[0], "This cannot be used with CUSTOM.", "Use ipBlocks or conditions on the request.");
        }

        if (source.ServiceAccounts.Count + source.NotServiceAccounts.Count > 0 && lists[..2].Concat(lists[4..6]).Any(list => list.Values.Count > 0))
            found.Error(path + ".serviceAccounts", null, "Service accounts exclude principals and namespaces.", "Write two entries of from.");
    }

    private static void ServiceAccounts(FindingList found, string path, IReadOnlyList<string> accounts)
    {
        for (var i = 0; i < accounts.Count; i++)
        {
            var parts = (accounts[i] ?? "").Split('/');
            if (accounts[i] is { Length: > 0 } account && (parts.Length > 2 || parts.Any(part => part.Length == 0 || part.Contains('*', StringComparison.Ordinal))))
                found.Error($"{path}[{i}]", account, "This is no service account.", "Write NAMESPACE/NAME, or NAME for one of this namespace; wildcards are not understood.");
        }
    }

    private static void Operation(FindingList found, string path, AuthorizationOperation operation)
    {
        (string Name, IReadOnlyList<string> Values)[] lists =
        [
            ("hosts", operation.Hosts), ("notHosts", operation.NotHosts), ("ports", operation.Ports), ("notPorts", operation.NotPorts),
            ("methods", operation.Methods), ("notMethods", operation.NotMethods), ("paths", operation.Paths), ("notPaths", operation.NotPaths),
        ];
        if (lists.All(list => list.Values.Count == 0))
            found.Error(path, null, "It says nothing about the request.", "Add methods, paths, ports or hosts.");
        foreach (var (name, values) in lists)
        {
            NotEmpty(found, $"{path}.{name}", values);
            if (name is "ports" or "notPorts")
                Ports(found, $"{path}.{name}", values);
            if (name is "paths" or "notPaths")
                Paths(found, $"{path}.{name}", values);
        }
    }

    private static void Paths(FindingList found, string path, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (PathTemplates.Problem(values[i] ?? "") is { } problem)
                found.Error($"{path}[{i}]", values[i], $"This is no template of a path: {problem}.", "Write {*} for one segment and {**} for any number of them, such as /users/{*}/cart.");
        }
    }

    private static void Condition(FindingList found, string path, AuthorizationCondition condition, bool custom)
    {
        if (condition.Key is not { Length: > 0 } key)
            return;
        if (condition.Values.Count == 0 && condition.NotValues.Count == 0)
            found.Error(path, key, "No value is given for it.", "Add values or notValues.");
        NotEmpty(found, path + ".values", condition.Values);
        NotEmpty(found, path + ".notValues", condition.NotValues);
        Attribute(found, path, key, condition);
        if (custom && (key is "source.namespace" or "source.principal" || key.StartsWith("request.auth.", StringComparison.Ordinal)))
            found.Error(path + ".key", key, "This cannot be used with CUSTOM.", "Use source.ip or conditions on headers.");
    }

    private static void Attribute(FindingList found, string path, string key, AuthorizationCondition condition)
    {
        if (AddressKeys.Contains(key))
        {
            Addresses(found, path + ".values", condition.Values);
            Addresses(found, path + ".notValues", condition.NotValues);
        }
        else if (key == "destination.port")
        {
            Ports(found, path + ".values", condition.Values);
            Ports(found, path + ".notValues", condition.NotValues);
        }
        else if (MapKeys.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var open = key.IndexOf('[', StringComparison.Ordinal);
            if (open <= 0 || !key.EndsWith(']') || key.EndsWith("[]", StringComparison.Ordinal))
                found.Error(path + ".key", key, "This attribute has entries, of which one must be named.", "Write it as request.headers[name].");
        }
        else if (!PlainKeys.Contains(key))
        {
            found.Error(path + ".key", key, "There is no such attribute.", Spelling.Suggestion(key, [.. PlainKeys, .. AddressKeys, "destination.port", "request.headers[name]", "request.auth.claims[name]"]));
        }
    }

    private static void NotEmpty(FindingList found, string path, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (string.IsNullOrEmpty(values[i]))
                found.Error($"{path}[{i}]", values[i], "An empty text matches nothing.", "Write a value, or remove it; * matches any.");
        }
    }

    private static void Addresses(FindingList found, string path, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { Length: > 0 } address && !DnsNames.IsSubnet(address))
                found.Error($"{path}[{i}]", address, "This is neither an address nor a network.", "Write 10.1.2.3 or 10.0.0.0/8.");
        }
    }

    private static void Ports(FindingList found, string path, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { Length: > 0 } port)
                continue;
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 65535)
                found.Error($"{path}[{i}]", port, "A port is a number between 1 and 65535.", "Write it in quotes, such as \"8080\".");
            else if (number == 0)
                found.Warning($"{path}[{i}]", port, "No connection goes to port 0, so this never holds.", "Write the port's number.");
        }
    }
}
