using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// The services a scope sees -> the names its proxies answer by themselves: Services by their cluster addresses, headless
/// ones by their members, ServiceEntries by the addresses they have or were given. Of one without any the world's name
/// servers know better.
/// </summary>
internal static class DnsTranslator
{
    public static DnsTable Translate(ImmutableArray<Service> services, Func<Service, ImmutableArray<MemberName>> members)
    {
        var names = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            if (service.Kind == ServiceKind.Headless)
            {
                foreach (var member in members(service))
                {
                    Add(names, service.Host, member.Address);
                    if (member.Hostname.Length > 0) Add(names, $"{member.Hostname}.{service.Host}", member.Address);
                }
            }
            else
            {
                foreach (var address in service.Addresses)
                    if (!address.Contains('/', StringComparison.Ordinal)) Add(names, service.Host, address);
            }
        }

        return new DnsTable { Names = [.. names.Select(name => new DnsName { Name = name.Key, Addresses = [.. name.Value] })] };
    }

    private static void Add(SortedDictionary<string, SortedSet<string>> names, string name, string address)
    {
        if (!IsName(name)) return;
        if (!names.TryGetValue(name, out var addresses)) names.Add(name, addresses = new SortedSet<string>(StringComparer.Ordinal));
        addresses.Add(address);
    }

    // Told of what is no name, every proxy would refuse its config. A wildcard within a label stands for no name below it.
    private static bool IsName(string name)
    {
        const int LongestName = 253; // RFC 1035 section 3.1
        const int LongestLabel = 63;
        var plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return plain.Length <= LongestName && !plain.Contains('*', StringComparison.Ordinal) && !plain.AsSpan().ContainsAnyExceptInRange('!', '~')
            && plain.Split('.').All(label => label.Length is > 0 and <= LongestLabel);
    }
}
