
namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>What the operator's account may do on a given cluster, asked with kubectl's own eyes, and what stops it where RBAC cannot.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterAccountTests(ClusterBookinfo bookinfo)
{
    private const string Account = "--as=system:serviceaccount:mesh-system:mesh-operator";

    [Theory]
    [InlineData("watch", "virtualservices.networking.istio.io")]
    [InlineData("patch", "virtualservices.networking.istio.io/status")]
    [InlineData("create", "configmaps")]
    [InlineData("patch", "pods")]
    public async Task It_may(string verb, string resource)
    {
        await bookinfo.ReadyAsync();
        Assert.Equal("yes", CanI(verb, resource));
    }

    [Theory]
    [InlineData("update", "virtualservices.networking.istio.io")]
    [InlineData("get", "secrets")]
    [InlineData("delete", "pods")]
    [InlineData("create", "pods/exec")]
    [InlineData("create", "deployments.apps")]
    [InlineData("update", "clusterroles.rbac.authorization.k8s.io")]
    [InlineData("impersonate", "users")]
    [InlineData("delete", "validatingadmissionpolicies.admissionregistration.k8s.io")]
    [InlineData("update", "customresourcedefinitions.apiextensions.k8s.io")]
    public async Task It_may_not(string verb, string resource)
    {
        await bookinfo.ReadyAsync();
        Assert.Equal("no", CanI(verb, resource));
    }

    [Fact]
    public async Task It_cannot_write_the_clusters_own_ConfigMaps()
    {
        await bookinfo.ReadyAsync();
        // RBAC lets it: ConfigMaps of every namespace are where it writes. The admission policy does not.
        Assert.Equal("yes", CanI("update", "configmaps"));
        var made = bookinfo.Try(["create", "configmap", "coredns", "--namespace=kube-system"]).ExitCode == 0;
        try
        {
            Refused("delete", "configmap", "coredns", "--namespace=kube-system");
            Refused("create", "configmap", "corefile", "--namespace=kube-system", "--from-literal=a=b");
            var map = bookinfo.Try(["get", "configmap", "coredns", "--namespace=kube-system", "-o", "json"]).Output;
            var replaced = bookinfo.Try(["replace", "--namespace=kube-system", "-f", "-", Account], map.Replace("\"metadata\"", "\"data\": {\"a\": \"b\"}, \"metadata\"", StringComparison.Ordinal));
            Assert.NotEqual(0, replaced.ExitCode);
            Assert.Contains("mesh-operator-configmaps", replaced.Error, StringComparison.Ordinal);
        }
        finally
        {
            if (made) bookinfo.Try(["delete", "configmap", "coredns", "--namespace=kube-system"]);
        }
    }

    private void Refused(params string[] words)
    {
        var run = bookinfo.Try([.. words, "--dry-run=server", Account]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("mesh-operator-configmaps", run.Error, StringComparison.Ordinal);
    }

    // To kubectl what stands behind a slash is a name, unless said otherwise.
    private string CanI(string verb, string resource) => resource.Split('/') is [var kind, var part]
        ? bookinfo.Try(["auth", "can-i", verb, kind, $"--subresource={part}", Account]).Output.Trim()
        : bookinfo.Try(["auth", "can-i", verb, resource, Account]).Output.Trim();
}
