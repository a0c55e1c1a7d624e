using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Mesh.Config;

namespace Mesh.Architecture.Tests;

/// <summary>The contract travels in ConfigMaps, which many may read: no type of it can hold a key.</summary>
public sealed partial class ContractTests
{
    private static readonly Type[] Opaque = [typeof(byte[]), typeof(Memory<byte>), typeof(ReadOnlyMemory<byte>), typeof(Stream), typeof(AsymmetricAlgorithm), typeof(X509Certificate2), typeof(X509Certificate)];

    // Section.Json and a frame's attachment are the canonical text of the other types, so they hold what those can hold. The
    // token is said to a verified operator over mutual TLS and stands in no document.
    private static readonly string[] Allowed = ["Section.Json", "ControlFrame.Attachment", "SidecarHello.Token"];

    private static IEnumerable<PropertyInfo> Members => typeof(ProxyConfig).Assembly.GetExportedTypes()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly));

    [Fact]
    public void No_contract_type_can_hold_a_key() => Places.AssertNone(
        Members.Where(member => Opaque.Any(type => type.IsAssignableFrom(member.PropertyType)) || KeyName().IsMatch(member.Name))
            .Select(member => $"{member.DeclaringType!.Name}.{member.Name}").Except(Allowed));

    [Fact]
    public void Every_contract_member_is_set_once()
    {
        var wrong = Members.Where(member => member.SetMethod is { } setter
                && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit))
                && !member.DeclaringType!.Name.EndsWith("Context", StringComparison.Ordinal))
            .Select(member => $"{member.DeclaringType!.Name}.{member.Name}");
        Places.AssertNone(wrong);
    }

    [GeneratedRegex("PrivateKey|SigningKey|Password|Secret|Token|Pem$|Pkcs|Pfx")]
    private static partial Regex KeyName();
}
