using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a WorkloadGroup by looking at it alone.</summary>
public static class WorkloadGroupValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(WorkloadGroupSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        CommonRules.Labels(found, "spec.metadata.labels", spec.Metadata?.Labels ?? new Dictionary<string, string>());
        if (spec.Template is { } template)
            Template(found, template);
        if (spec.Probe is { } probe)
            Probe(found, "spec.probe", probe);

        return found.ToList();
    }

    // Machines have addresses of their own, so the template needs none.
    private static void Template(FindingList found, WorkloadTemplate template)
    {
        CommonRules.Labels(found, "spec.template.labels", template.Labels);
        foreach (var (name, port) in template.Ports)
        {
            AddressRules.PortName(found, $"spec.template.ports[{name}]", name);
            AddressRules.Port(found, $"spec.template.ports[{name}]", port);
        }
    }

    private static void Probe(FindingList found, string path, ReadinessProbe probe)
    {
        var methods = new[] { probe.HttpGet is not null, probe.TcpSocket is not null, probe.Exec is not null, probe.Grpc is not null };
        if (methods.Count(given => given) != 1)
            found.Error(path, null, "A probe asks in one way.", "Give one of httpGet, tcpSocket, exec and grpc.");
        if (probe.HttpGet is { } http)
            Http(found, path + ".httpGet", http);
        if (probe.TcpSocket is { Port: not null } tcp)
            AddressRules.Port(found, path + ".tcpSocket.port", tcp.Port);
        if (probe.Grpc is { Port: { } port })
            AddressRules.Port(found, path + ".grpc.port", port);
    }

    private static void Http(FindingList found, string path, HttpGetProbe http)
    {
        if (http.Port is not null)
            AddressRules.Port(found, path + ".port", http.Port);
        if (http.Scheme is { Length: > 0 } scheme and not ("HTTP" or "HTTPS"))
            found.Error(path + ".scheme", scheme, "There is no such scheme.", "Write HTTP or HTTPS.");
        for (var i = 0; i < http.HttpHeaders.Count; i++)
        {
            // A probe's names are Kubernetes': fewer characters than HTTP takes.
            if (!HeaderSyntax.IsPlainName(http.HttpHeaders[i].Name) || http.HttpHeaders[i].Name!.Contains('_', StringComparison.Ordinal))
                found.Error($"{path}.httpHeaders[{i}].name", http.HttpHeaders[i].Name, "This is no name of a header.", "Write letters, digits and hyphens.");
        }
    }
}
