using Mesh.Testing;

namespace Mesh.Operator.Tests;

public sealed class RbacTests
{
    [Fact]
    public void The_roles_in_config_are_what_the_code_asks_for() =>
        Assert.True(
            RbacCommand.Manifest() == File.ReadAllText(Repository.Path("config/rbac/role.yaml")),
            "config/rbac/role.yaml is not what the [EntityRbac] attributes say; run `make manifests`.");
}
