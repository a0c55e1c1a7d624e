namespace Mesh.Operator.Core.Credentials;

/// <summary>
/// The rights on Secrets that a namespace's owner gives the operator, as commands: it has none by itself. To list and watch
/// one Secret by its name is all that Kubernetes lets a name be given for.
/// </summary>
/// <param name="Account">NAMESPACE:NAME of the operator's ServiceAccount.</param>
public sealed record CredentialRights(string Account)
{
    /// <summary>To read the Secret that a rule names, and its Secret of CA certificates.</summary>
    public string ToRead(string space, string name) => Grant(space, $"mesh-read-{name}", $"--verb=get,list,watch --resource=secrets --resource-name={name} --resource-name={name}{CredentialReader.TrustSuffix}");

    /// <summary>To keep a workload's composed Secret; a right to create cannot be limited to a name.</summary>
    public string ToCompose(string space, string secret) =>
        $"{Grant(space, "mesh-create-secrets", "--verb=create --resource=secrets")}; {Grant(space, $"mesh-keep-{secret}", $"--verb=get,list,watch,update,delete --resource=secrets --resource-name={secret}")}";

    private string Grant(string space, string role, string rules) =>
        $"kubectl create role -n {space} {role} {rules}; kubectl create rolebinding -n {space} {role} --role={role} --serviceaccount={Account}";
}
