namespace Mesh.Api.Generator;

/// <summary>
/// Every generated file with its text. Entities and their XML docs enter; CRDs and reference pages leave; nothing is
/// written here, so a test can hold the committed files against it.
/// </summary>
public static class GeneratedFiles
{
    /// <summary>Path from the repository's root, and text, in a stable order.</summary>
    public static IEnumerable<(string Path, string Text)> All()
    {
        var docs = XmlDocs.OfMeshApi();
        var names = new List<string>();
        foreach (var kind in ApiKinds.All)
        {
            var crd = new CrdWriter(kind, docs);
            names.Add(crd.FileName);
            yield return ($"crds/{crd.FileName}", crd.Write());
            yield return ($"docs/reference/{crd.Singular}.md", new ReferenceWriter(kind, docs).Write());
        }

        yield return ("docs/reference/README.md", CatalogueWriter.Index(docs));
        yield return ("docs/reference/findings.md", CatalogueWriter.Findings(docs));
        yield return ("docs/reference/conditions.md", CatalogueWriter.Conditions(docs));
        yield return ("crds/kustomization.yaml", Yaml.Write(new YamlMap
        {
            ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
            ["kind"] = "Kustomization",
            ["resources"] = names,
        }));
    }
}
