using System.Globalization;
using System.Net;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Reduces objects of Kubernetes to what the mesh acts on, so that all other changes of them change nothing here.</summary>
internal static class FromKubernetes
{
    public static ObjectKey KeyOf(V1ObjectMeta metadata) => new(metadata.NamespaceProperty ?? "", metadata.Name ?? "");

    public static MeshNamespace Namespace(V1Namespace source) => new()
    {
        Name = source.Metadata.Name,
        Labels = LabelSet.Of(source.Metadata.Labels),
    };

    public static MeshNode Node(V1Node source)
    {
        var labels = source.Metadata.Labels;
        return new MeshNode
        {
            Name = source.Metadata.Name,
            Region = Value(labels, MeshLabels.TopologyRegion) ?? Value(labels, "failure-domain.beta.kubernetes.io/region") ?? "",
            Zone = Value(labels, MeshLabels.TopologyZone) ?? Value(labels, "failure-domain.beta.kubernetes.io/zone") ?? "",
            SubZone = Value(labels, MeshLabels.TopologySubZone) ?? "",
        };
    }

    public static Workload Workload(V1Pod source)
    {
        var metadata = source.Metadata;
        return new Workload
        {
            Key = KeyOf(metadata),
            Uid = metadata.Uid ?? "",
            WorkloadName = WorkloadNames.Of(source),
            Labels = LabelSet.Of(metadata.Labels),
            ServiceAccount = source.Spec?.ServiceAccountName is { Length: > 0 } account ? account : "default",
            NodeName = source.Spec?.NodeName ?? "",
            Addresses = Addresses(source.Status),
            NamedPorts = NamedPorts(source.Spec),
            ConfigName = Value(metadata.Annotations, MeshLabels.Config) ?? "",
            Format = int.TryParse(Value(metadata.Annotations, MeshLabels.Format), NumberStyles.None, CultureInfo.InvariantCulture, out var format) ? Math.Max(format, 1) : 1,
            HasSidecar = InjectionPolicy.HasSidecar(source.Spec),
            CredentialSecret = CredentialSecret(source.Spec),
            HadCredentials = Value(metadata.Annotations, MeshLabels.Credentials) is { Length: > 0 },
            Capture = CaptureSettings.InboundOf(source.Spec),
            IsTerminating = metadata.DeletionTimestamp is not null,
            IsFinished = source.Status?.Phase is "Succeeded" or "Failed",
            IsReady = source.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status is null or "True",
        };
    }

    public static Service Service(V1Service source)
    {
        var spec = source.Spec ?? new V1ServiceSpec();
        var addresses = (spec.ClusterIPs ?? (spec.ClusterIP is null ? [] : [spec.ClusterIP])).Where(ip => IPAddress.TryParse(ip, out _)).ToArray();
        return new Service
        {
            Key = KeyOf(source.Metadata),
            Created = source.Metadata.CreationTimestamp ?? DateTime.MinValue,
            Kind = spec.Type == "ExternalName" ? ServiceKind.ExternalName : spec.ClusterIP == "None" ? ServiceKind.Headless : ServiceKind.ClusterIP,
            Addresses = spec.Type == "ExternalName" ? [] : [.. addresses.Select(Canonical)],
            Selector = LabelSet.Of(spec.Selector),
            Ports = [.. (spec.Ports ?? []).Where(port => IsTcp(port.Protocol)).Select(Port)],
            ExternalName = spec.Type == "ExternalName" ? (spec.ExternalName ?? "").TrimEnd('.').ToLowerInvariant() : "",
            PublishNotReadyAddresses = spec.PublishNotReadyAddresses ?? false,
            PrefersIPv6 = spec.IpFamilies is ["IPv6", ..] || (spec.IpFamilies is null or [] && addresses is [var first, ..] && first.Contains(':')),
            ExportTo = [.. (Value(source.Metadata.Annotations, MeshLabels.ExportTo) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
        };
    }

    /// <summary>Null for a slice that belongs to no Service or holds names instead of addresses.</summary>
    public static Slice? Slice(V1EndpointSlice source)
    {
        var service = Value(source.Metadata.Labels, MeshLabels.ServiceName);
        if (string.IsNullOrEmpty(service) || source.AddressType is not ("IPv4" or "IPv6")) return null;
        return new Slice
        {
            Key = KeyOf(source.Metadata),
            Service = new ObjectKey(source.Metadata.NamespaceProperty, service),
            IsIPv6 = source.AddressType == "IPv6",
            Ports = [.. (source.Ports ?? []).Where(port => port.Port is > 0 && IsTcp(port.Protocol)).Select(port => new NamedPort(port.Name ?? "", port.Port ?? 0))],
            Endpoints = [.. (source.Endpoints ?? []).Where(endpoint => endpoint.Addresses is [var first, ..] && IPAddress.TryParse(first, out _)).Select(SliceEndpoint)],
        };
    }

    // The addresses of one entry are interchangeable by the API's own words; the first one is used. Unknown readiness is
    // ready. What is no address would have every proxy refuse its config, so it goes no further.
    private static SliceEndpoint SliceEndpoint(V1Endpoint source) => new()
    {
        Address = Canonical(source.Addresses[0]),
        Ready = source.Conditions?.Ready ?? true,
        Serving = source.Conditions?.Serving ?? source.Conditions?.Ready ?? true,
        Terminating = source.Conditions?.Terminating ?? false,
        Zone = source.Zone ?? "",
        NodeName = source.NodeName ?? "",
        Pod = source.TargetRef?.Kind == "Pod" ? source.TargetRef.Name : "",
        Hostname = source.Hostname ?? "",
    };

    public static EntryAddressing Addressing(V1ServiceEntry source) => new()
    {
        Given =
        [
            .. (source.Status?.Addresses ?? []).Where(address => !string.IsNullOrEmpty(address.Host) && IPAddress.TryParse(address.Value, out _))
                .Select(address => new EntryAddress(address.Host!, Canonical(address.Value!))),
        ],
        IsRefused = Value(source.Metadata.Labels, MeshLabels.AutoAllocateAddress) is { } asked && asked.Equals("false", StringComparison.OrdinalIgnoreCase),
    };

    // What is mounted is what counts. Only a name of the operator's own kind: whoever can make a pod shall not have it write elsewhere.
    private static string CredentialSecret(V1PodSpec? spec) =>
        spec?.Volumes?.FirstOrDefault(volume => volume.Name == InjectedContainers.CredentialsVolume)?.Secret?.SecretName is { } name && name.StartsWith(MeshNames.CredentialsPrefix, StringComparison.Ordinal) ? name : "";

    private static ServicePort Port(V1ServicePort source)
    {
        var target = source.TargetPort?.Value;
        var isNumber = int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return new ServicePort
        {
            Port = source.Port,
            Name = source.Name ?? "",
            Protocol = ProtocolSelection.Select(source.Port, source.Name, source.AppProtocol),
            TargetPort = string.IsNullOrEmpty(target) || (isNumber && number == 0) ? source.Port : number,
            TargetPortName = string.IsNullOrEmpty(target) || isNumber ? "" : target,
        };
    }

    private static ValueArray<string> Addresses(V1PodStatus? status)
    {
        var listed = (status?.PodIPs ?? []).Select(ip => ip.Ip).Where(ip => !string.IsNullOrEmpty(ip)).Select(Canonical).ToArray();
        if (listed.Length > 0) return [.. listed];
        return string.IsNullOrEmpty(status?.PodIP) ? [] : [Canonical(status.PodIP)];
    }

    private static ValueArray<NamedPort> NamedPorts(V1PodSpec? spec)
    {
        if (spec is null) return [];
        var containers = (spec.Containers ?? []).Concat((spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"));
        return
        [
            .. containers.SelectMany(container => container.Ports ?? [])
                .Where(port => !string.IsNullOrEmpty(port.Name) && IsTcp(port.Protocol))
                .Select(port => new NamedPort(port.Name, port.ContainerPort)),
        ];
    }

    // Nothing given is TCP. So is what no API server takes but files hold: "protocol: HTTP".
    private static bool IsTcp(string? protocol) => protocol is not ("UDP" or "SCTP");

    // One address has one spelling, so that lists of them compare as text.
    private static string Canonical(string address) => IPAddress.TryParse(address, out var parsed) ? parsed.ToString() : address;

    private static string? Value(IDictionary<string, string>? map, string key) => map is not null && map.TryGetValue(key, out var value) ? value : null;
}
