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

    private static IEnumerable<PropertyInfo> Members => typeof(ProxyConfig).Assembly.GetExportedTypes()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly));

    [Fact]
    public void No_contract_type_can_hold_a_key() => Places.AssertNone(
        // Section.Json is the canonical text of the other types, so it holds what they can hold.
        Members.Where(member => member.DeclaringType != typeof(Section)).Where(member => Opaque.Any(type => type.IsAssignableFrom(member.PropertyType)) || KeyName().IsMatch(member.Name))
            .Select(member => $"{member.DeclaringType!.Name}.{member.Name}"));

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
