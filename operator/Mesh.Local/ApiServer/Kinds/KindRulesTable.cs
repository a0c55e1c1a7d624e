using System.Collections.Frozen;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>The rules of each kind of one server (some keep what they allocated, so two servers share none).</summary>
internal sealed class KindRulesTable
{
    private static readonly KindRules None = new();

    private readonly FrozenDictionary<(string Group, string Kind), KindRules> rules = new Dictionary<(string, string), KindRules>
    {
        [("", "Namespace")] = new NamespaceRules(),
        [("admissionregistration.k8s.io", "MutatingWebhookConfiguration")] = new WebhookConfigurationRules(mutating: true),
        [("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")] = new WebhookConfigurationRules(mutating: false),
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = new DefinitionRules(),
    }.ToFrozenDictionary();

    public KindRules For(ApiResource resource) =>
        resource.IsCustom ? None : rules.GetValueOrDefault((resource.Group, resource.Kind), None);
}
