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
    public const string Name = MeshNames.AuthoritySecret;

    /// <summary>A new word in this annotation asks for a new root.</summary>
    public const string RenewAnnotation = MeshLabels.RenewRoot;

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
    /// <param name="secret">The Secret.</param>
    /// <param name="users">Users' authorities that are known, by the fingerprint of their root: their keys do not stand here.</param>
    public static RootRing? Read(V1Secret secret, IReadOnlyDictionary<string, RootPair> users)
    {
        if (Get(secret, "ca", users) is not { } active) return null;
        var state = secret.Data.TryGetValue(State, out var bytes) ? ReadState(bytes) : [];
        return new RootRing
        {
            Active = active,
            // A user's root that was replaced before it signed never will.
            Incoming = Get(secret, "incoming", users) is { CanSign: true } incoming ? incoming : null,
            Outgoing = Get(secret, "outgoing", users),
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
        data[name + ".crt"] = Encoding.ASCII.GetBytes(root.Certificate.ExportCertificatePem() + "\n");
        // A user's key stays where the user put it.
        if (!root.IsUsers) data[name + ".key"] = Encoding.ASCII.GetBytes(root.ExportKeyPem());
    }

    private static RootPair? Get(V1Secret secret, string name, IReadOnlyDictionary<string, RootPair> users)
    {
        if (secret.Data is not { } data || !data.TryGetValue(name + ".crt", out var certificate)) return null;
        if (data.TryGetValue(name + ".key", out var key)) return RootPair.Read(Encoding.ASCII.GetString(certificate), Encoding.ASCII.GetString(key));
        var remembered = RootPair.ReadUsers(Encoding.ASCII.GetString(certificate));
        return remembered is null ? null : users.GetValueOrDefault(remembered.Fingerprint, remembered);
    }
}
