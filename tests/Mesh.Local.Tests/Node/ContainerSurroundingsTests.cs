using k8s;
using k8s.Models;
using Mesh.Local.Node.Pods;

namespace Mesh.Local.Tests.Node;

/// <summary>What a container finds around itself: files of the right owners, variables of services, its resolver.</summary>
public sealed class ContainerSurroundingsTests
{
    [Fact]
    public async Task Volumes_belong_to_the_fs_group_and_are_written_by_its_members()
    {
        await using var node = await TestNode.StartAsync();
        node.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["key"] = "value" } };
        var pod = node.Start("""
            metadata: {name: grouped}
            spec:
              restartPolicy: Never
              securityContext: {runAsUser: 1234, runAsGroup: 1234, fsGroup: 2345, supplementalGroups: [3456]}
              volumes: [{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}, {name: config, configMap: {name: settings, defaultMode: 256}}]
              containers:
              - name: c
                image: local/host
                command: [sh, -c, 'id -u; id -g; id -G; touch /disk/a /memory/b && stat -c %g /disk /memory /disk/a /memory/b; stat -Lc "%g %a" /config/key; cat /config/key']
                volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}, {name: config, mountPath: /config}]
            """);
        await node.Until(pod, s => s.Phase is "Succeeded" or "Failed", "it has ended");
        Assert.Equal("1234\n1234\n1234 2345 3456\n2345\n2345\n2345\n2345\n2345 440\nvalue", node.Log(pod, "c"));
    }

    [Fact]
    public async Task A_sub_path_may_be_made_of_variables()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: below}
            spec:
              restartPolicy: Never
              volumes: [{name: disk, emptyDir: {}}]
              containers:
              - name: c
                image: local/host
                env: [{name: WHO, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
                command: [sh, -c, 'touch /own/x; ls /all/below']
                volumeMounts: [{name: disk, mountPath: /own, subPathExpr: $(WHO)}, {name: disk, mountPath: /all}]
            """);
        await node.Until(pod, s => s.Phase is "Succeeded" or "Failed", "it has ended");
        Assert.Equal("x", node.Log(pod, "c"));
    }

    [Fact]
    public async Task Services_are_found_by_variables_unless_the_pod_wants_none()
    {
        await using var node = await TestNode.StartAsync();
        node.ServiceObjects.Add(Service("web-app", "default", "{clusterIP: 10.1.2.3, ports: [{name: http, port: 80}, {name: admin, port: 81, protocol: UDP}]}"));
        node.ServiceObjects.Add(Service("kubernetes", "default", "{clusterIP: 10.1.0.1, ports: [{name: https, port: 443}]}"));
        node.ServiceObjects.Add(Service("far", "other", "{clusterIP: 10.1.2.4, ports: [{port: 80}]}"));
        node.ServiceObjects.Add(Service("headless", "default", "{clusterIP: None, ports: [{port: 80}]}"));
        var with = node.Start("{metadata: {name: with}, spec: {restartPolicy: Never, containers: [{name: c, image: local/host, command: [sh, -c, 'env | grep -E \"SERVICE|PORT\" | sort']}]}}");
        var without = node.Start("{metadata: {name: without}, spec: {enableServiceLinks: false, restartPolicy: Never, containers: [{name: c, image: local/host, command: [sh, -c, 'env | grep -c WEB; echo $KUBERNETES_SERVICE_HOST']}]}}");
        foreach (var pod in new[] { with, without }) await node.Until(pod, s => s.Phase is "Succeeded" or "Failed", "it has ended");
        Assert.Equal("0\n10.1.0.1", node.Log(without, "c"));
        var lines = node.Log(with, "c").Split('\n');
        Assert.Contains("WEB_APP_SERVICE_HOST=10.1.2.3", lines);
        Assert.Contains("WEB_APP_SERVICE_PORT_ADMIN=81", lines);
        Assert.Contains("WEB_APP_PORT=tcp://10.1.2.3:80", lines);
        Assert.Contains("WEB_APP_PORT_81_UDP_PROTO=udp", lines);
        Assert.Contains("KUBERNETES_PORT_443_TCP_ADDR=10.1.0.1", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("FAR", StringComparison.Ordinal) || line.StartsWith("HEADLESS", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", "search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.0.0.1\noptions ndots:5\n")]
    [InlineData("{dnsPolicy: Default}", "nameserver 10.0.0.1\n")]
    [InlineData("{dnsPolicy: None, dnsConfig: {nameservers: [1.2.3.4], searches: [a.b], options: [{name: edns0}]}}", "search a.b\nnameserver 1.2.3.4\noptions edns0\n")]
    [InlineData("{dnsConfig: {searches: [a.b], options: [{name: ndots, value: '2'}]}}", "search ns.svc.cluster.local svc.cluster.local cluster.local a.b\nnameserver 10.0.0.1\noptions ndots:2\n")]
    public void The_resolver_follows_policy_and_config(string spec, string expected)
    {
        var pod = KubernetesYaml.Deserialize<V1Pod>($"{{metadata: {{namespace: ns}}, spec: {spec}}}");
        Assert.Equal(expected, ResolverFile.Build(pod, "10.0.0.1"));
    }

    private static V1Service Service(string name, string ns, string spec) => KubernetesYaml.Deserialize<V1Service>($"{{metadata: {{name: {name}, namespace: {ns}}}, spec: {spec}}}");
}
