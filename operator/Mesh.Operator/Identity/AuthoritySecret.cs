using System.Globalization;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Identity;

namespace Mesh.Operator.Identity;

/// <summary>The ring of roots as it stands in the Secret, keys included: the one place where a key of the mesh is kept.</summary>
internal static class AuthoritySecret
{
    public const string Name = "mesh-ca";

    /// <summary>A new word in this annotation asks for a new root.</summary>
    public const string RenewAnnotation = "mesh.dev/renew-root";

    private const string State = "state.json";

    public static V1Secret Write(RootRing ring, string @namespace, V1Secret? existing)
    {
        var data = new Dictionary<string, byte[]>();
        Put(data, "ca", ring.Active);
        Put(data, "incoming", ring.Incoming);
        Put(data, "outgoing", ring.Outgoing);
        data[State] = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["retireAt"] = ring.RetireAt?.ToString("O", CultureInfo.InvariantCulture) ?? "",
            ["renewalAsked"] = ring.RenewalAsked,
        });
        return new V1Secret
        {
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                NamespaceProperty = @namespace,
                ResourceVersion = existing?.Metadata.ResourceVersion,
                Uid = existing?.Metadata.Uid,
                Annotations = existing?.Metadata.Annotations,
                Labels = new Dictionary<string, string>(existing?.Metadata.Labels ?? new Dictionary<string, string>()) { [MeshLabels.ManagedBy] = MeshLabels.ManagedByOperator },
            },
            Type = existing?.Type ?? "Opaque",
            Data = data,
        };
    }

    /// <summary>Null where it holds no usable signing root.</summary>
    public static RootRing? Read(V1Secret secret)
    {
        if (Get(secret, "ca") is not { } active) return null;
        var state = secret.Data.TryGetValue(State, out var bytes) ? ReadState(bytes) : [];
        return new RootRing
        {
            Active = active,
            Incoming = Get(secret, "incoming"),
            Outgoing = Get(secret, "outgoing"),
            RetireAt = DateTimeOffset.TryParse(state.GetValueOrDefault("retireAt"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null,
            RenewalAsked = state.GetValueOrDefault("renewalAsked") ?? "",
        };
    }

    /// <summary>The word by which a renewal is asked for; empty without.</summary>
    public static string RenewalAsked(V1Secret secret) =>
        secret.Metadata.Annotations is { } annotations && annotations.TryGetValue(RenewAnnotation, out var word) ? word : "";

    private static Dictionary<string, string> ReadState(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(bytes) ?? [];
        }
        catch (JsonException)
        {
            // Someone's edit: dates are lost, the roots are not.
            return [];
        }
    }

    private static void Put(Dictionary<string, byte[]> data, string name, RootPair? root)
    {
        if (root is null) return;
        data[name + ".crt"] = Encoding.ASCII.GetBytes(root.CertificatePem);
        data[name + ".key"] = Encoding.ASCII.GetBytes(root.ExportKeyPem());
    }

    private static RootPair? Get(V1Secret secret, string name) =>
        secret.Data is { } data && data.TryGetValue(name + ".crt", out var certificate) && data.TryGetValue(name + ".key", out var key)
            ? RootPair.Read(Encoding.ASCII.GetString(certificate), Encoding.ASCII.GetString(key))
            : null;
}
