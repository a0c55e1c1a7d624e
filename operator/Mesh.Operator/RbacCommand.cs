using System.CommandLine;

namespace Mesh.Operator;

/// <summary><c>rbac</c>: writes what the operator must be allowed to do, as its code says.</summary>
public static class RbacCommand
{
    public static string Manifest(string @namespace = "mesh-system") =>
        RbacManifest.Write(OperatorOptions.ServiceName, @namespace, typeof(RbacCommand).Assembly, typeof(RbacManifest).Assembly);

    public static Command Create()
    {
        var output = new Option<string?>("--output") { Description = "File to write; without it standard output" };
        var command = new Command("rbac", "Print the ClusterRole, the Role and their bindings, made from the [EntityRbac] attributes.");
        command.Options.Add(output);
        command.SetAction(result =>
        {
            if (result.GetValue(output) is { Length: > 0 } path) File.WriteAllText(path, Manifest());
            else Console.Out.Write(Manifest());
            return 0;
        });
        return command;
    }
}
