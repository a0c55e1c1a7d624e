using Mesh.Local;

namespace Mesh.Cli;

/// <summary>What `mesh up` says when it is done: whether all runs, and what a user types next.</summary>
internal static class NextSteps
{
    public static void Write(MeshPaths paths, MeshRecord mesh, IReadOnlyList<string> problems, bool background, TextWriter output, TextWriter error)
    {
        var name = paths.Name == MeshPaths.DefaultName ? "" : $" --name {paths.Name}";
        var what = mesh.Bare ? "Cluster" : "Mesh";
        foreach (var problem in problems) error.WriteLine($"not ready: {problem}");
        output.WriteLine(problems.Count == 0 ? $"{what} {paths.Name} is ready." : $"{what} {paths.Name} runs, with {problems.Count} problem{(problems.Count == 1 ? "" : "s")} (above).");
        output.WriteLine();
        output.WriteLine($"  export KUBECONFIG={paths.ShortKubeconfig ?? paths.Kubeconfig}");
        output.WriteLine(mesh.Bare ? "  make deploy LOADED=yes      # the mesh, as on any cluster" : "  kubectl get pods,virtualservices,destinationrules");
        if (mesh.Page is not null)
        {
            output.WriteLine("  kubectl apply -f config/samples/all-v1.yaml      # every request for reviews to v1");
            output.WriteLine($"  the page: {mesh.Page}");
        }

        if (!mesh.Bare) output.WriteLine($"  bin/mesh status{name}");
        output.WriteLine(background ? $"  bin/mesh down{name}        # ends it" : "  Ctrl-C here ends it");
        output.WriteLine();
    }
}
