using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Findings in one line.</summary>
internal static class Found
{
    public static Finding Error(string code, string resource, string path, object? value, string message, string remedy) => Of(Severity.Error, code, resource, path, value, message, remedy);

    public static Finding Warning(string code, string resource, string path, object? value, string message, string remedy) => Of(Severity.Warning, code, resource, path, value, message, remedy);

    public static Finding Note(string code, string resource, string path, object? value, string message, string remedy) => Of(Severity.Info, code, resource, path, value, message, remedy);

    /// <summary>How findings name an object.</summary>
    public static string Name(IKubernetesObject<V1ObjectMeta> source)
    {
        var entity = (KubernetesEntityAttribute)source.GetType().GetCustomAttributes(typeof(KubernetesEntityAttribute), false)[0];
        return ResourceNames.Of(entity.Kind, source.Metadata.NamespaceProperty, source.Metadata.Name);
    }

    private static Finding Of(Severity severity, string code, string resource, string path, object? value, string message, string remedy) => new()
    {
        Severity = severity,
        Code = code,
        Resource = resource,
        Path = path,
        Value = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null,
        Message = message,
        Remedy = remedy,
    };
}
