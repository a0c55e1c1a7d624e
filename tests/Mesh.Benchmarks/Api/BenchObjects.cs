using System.Globalization;
using System.Text;

namespace Mesh.Benchmarks.Api;

/// <summary>The objects of the load: pods as a Deployment with a sidecar makes them (about 3 KB stored), Services, ConfigMaps.</summary>
public static class BenchObjects
{
    public static byte[] Namespace(string name) => Bytes($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""");

    public static byte[] Pod(string name, int number) => Bytes($$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}",
        "labels":{"app":"app-{{{number % 50}}}","version":"v{{{number % 3}}}","pod-template-hash":"7d5b6c9f8"},
        "annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"15020","mesh.example/config":"{{{number}}}"}},
        "spec":{"nodeName":"node-{{{number % 10}}}","serviceAccountName":"default","terminationGracePeriodSeconds":5,
        "containers":[
        {"name":"app","image":"registry.example/shop/app:1.4.2","ports":[{"name":"http","containerPort":8080}],
        "env":[{"name":"LOG_LEVEL","value":"info"},{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"} } }],
        "resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}},
        "readinessProbe":{"httpGet":{"path":"/ready","port":8080},"periodSeconds":5},
        "volumeMounts":[{"name":"data","mountPath":"/data"}]},
        {"name":"sidecar","image":"mesh/sidecar","ports":[{"containerPort":15001},{"containerPort":15006}],
        "resources":{"requests":{"cpu":"10m","memory":"40Mi"}},"securityContext":{"runAsUser":1337,"runAsGroup":1337},
        "readinessProbe":{"httpGet":{"path":"/ready","port":15021},"periodSeconds":2}}],
        "volumes":[{"name":"data","emptyDir":{}}]}}
        """);

    public static byte[] Service(string name, int number) => Bytes($$$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}","labels":{"app":"app-{{{number % 50}}}"}},
        "spec":{"selector":{"app":"app-{{{number % 50}}}"},"ports":[{"name":"http","port":80,"targetPort":8080},{"name":"grpc","port":9090}]}}
        """);

    public static byte[] ConfigMap(string name, int number) => Bytes($$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"app":"app-{{{number % 50}}}"}},
        "data":{"settings":"level=info\nretries=3\nnumber={{{number}}}\n","owner":"team-{{{number % 20}}}"}}
        """);

    /// <summary>What a node writes of a pod again and again; each differs from the one before.</summary>
    public static byte[] PodStatus(int number) => Bytes($$$"""
        {"status":{"phase":"Running","podIP":"10.80.{{{number / 250 % 250}}}.{{{number % 250}}}","startTime":"2026-01-02T03:04:05Z","conditions":[
        {"type":"Ready","status":"{{{(number % 2 == 0 ? "True" : "False")}}}","lastTransitionTime":"2026-01-02T03:{{{Two(number / 60)}}}:{{{Two(number)}}}Z"},
        {"type":"ContainersReady","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z"}],
        "containerStatuses":[{"name":"app","image":"registry.example/shop/app:1.4.2","imageID":"x","ready":true,"restartCount":{{{number}}},"state":{"running":{"startedAt":"2026-01-02T03:04:05Z"} } }]}}
        """);

    private static string Two(int number) => (number % 60).ToString("00", CultureInfo.InvariantCulture);

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
