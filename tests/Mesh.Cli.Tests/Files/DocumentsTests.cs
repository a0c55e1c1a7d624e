using Mesh.Cli.Files;

namespace Mesh.Cli.Tests.Files;

public sealed class DocumentsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("mesh-documents-");

    [Fact]
    public void A_directory_is_read_with_all_below_it_in_the_order_of_names()
    {
        Put("b.yaml", "{apiVersion: v1, kind: Service, metadata: {name: b}}");
        Put("a/deep.yml", "{apiVersion: v1, kind: Service, metadata: {name: a}}");
        Put("c.json", """{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}""");
        Put("kustomization.yaml", "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}");
        Put("notes.txt", "not: read");
        var read = Documents.Read([folder.FullName], TextReader.Null);
        Assert.Empty(read.Unreadable);
        Assert.Equal(["a", "b", "c"], read.All.Select(document => document.Name));
    }

    [Fact]
    public void Standard_input_holds_several_documents_and_lists()
    {
        var read = Documents.Read(["-"], new StringReader("""
            # a comment
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: one, namespace: ns}}
            - {apiVersion: v1, kind: Pod, metadata: {name: two}}
            ---
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: three}
            """));
        Assert.Empty(read.Unreadable);
        Assert.Equal([("one", "ns"), ("two", ""), ("three", "")], read.All.Select(document => (document.Name, document.Namespace)));
        Assert.Equal(10, read.All[2].Line);
    }

    [Fact]
    public void One_bad_file_hides_nothing_of_the_others()
    {
        Put("bad.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: before}}\n---\na: [b\n");
        Put("good.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: good}}");
        Put("odd.yaml", "just a text\n---\n{kind: Pod}");
        var read = Documents.Read([folder.FullName, "/no/such/file"], TextReader.Null);
        Assert.Equal(["before", "good"], read.All.Select(document => document.Name));
        Assert.Equal(4, read.Unreadable.Count);
        Assert.Contains("bad.yaml:", read.Unreadable[0], StringComparison.Ordinal);
        Assert.EndsWith("no object of Kubernetes", read.Unreadable[1], StringComparison.Ordinal);
        Assert.EndsWith("lacks apiVersion or kind", read.Unreadable[2], StringComparison.Ordinal);
        Assert.StartsWith("/no/such/file: ", read.Unreadable[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_breaks_off_anywhere_is_told_of_and_no_more()
    {
        const string Text = "apiVersion: v1\nkind: \"Pod\"\nmetadata: {name: a, labels: {b: 'c'}}\nspec:\n- &x [1, {k: v}]\n- *x\n- |\n  text\n- !!str 5\n";
        for (var i = 0; i < Text.Length; i++)
        {
            foreach (var rest in new[] { "", "\nb: 2\n", "]\n", "}\n", "\t", "'", "---\n", ": ", "*y" })
                Documents.Read(["-"], new StringReader(Text[..i] + rest));
        }

        var broken = Documents.Read(["-"], new StringReader("apiVersion: v1\nkind: Pod\nspec: [1\nb: 2\n"));
        Assert.StartsWith("-:3: ", Assert.Single(broken.Unreadable), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private void Put(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
