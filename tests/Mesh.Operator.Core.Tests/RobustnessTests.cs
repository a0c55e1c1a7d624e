using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>Whatever stands in the cluster, no proxy ever gets a config it has to refuse.</summary>
public sealed class RobustnessTests
{
    private static readonly string[] Names = ["a", "b", "c-1"];

    private static readonly string[] Namespaces = ["default", "far"];

    private static readonly string[] Ports =
    [
        "{name: http, port: 80}", "{name: tcp, port: 80}", "{name: x, port: 80}", "{name: tls, port: 443}", "{name: http2, port: 8080, targetPort: web}",
        "{name: http, port: 80}, {name: udp, port: 80, protocol: UDP}", "{name: mysql, port: 3306}, {name: x, port: 81, targetPort: 0}", "",
    ];

    private static readonly string[] Addresses = ["None", "10.0.0.1", "10.0.0.2", "fd00::1", "FD00:0::1", "", "nonsense"];

    private static readonly string[] Hosts =
    [
        "a", "A", "b.default.svc.cluster.local", "b.default.svc.cluster.local.", "\"*.cluster.local\"", "\"*.svc.cluster.local\"", "b.default", "example.org",
        "\"*.example.org\"", "10.0.0.1", "\"fd00::1\"", "\"*\"", "\"\"", "\"a b\"", "\"a*b\"",
    ];

    private static readonly string[] Matches =
    [
        "{uri: {prefix: /}}", "{uri: {exact: /x}, ignoreUriCase: true}", "{uri: {regex: \"(\"}}", "{uri: {regex: \"(?=x)\"}}", "{headers: {X-Upper: {exact: \"\"}}}",
        "{headers: {\"\": {exact: y}}}", "{queryParams: {\"\": {exact: y}}}", "{queryParams: {q: {regex: \"[\"}}}", "{withoutHeaders: {x: {}}}", "{port: 80}", "{}",
        "{sourceLabels: {app: a}}", "{sourceNamespace: far}", "{method: {regex: \".*\"}, authority: {prefix: a}}",
    ];

    private static readonly string[] Actions =
    [
        "route: [{destination: {host: a}}]", "route: [{destination: {host: b, subset: v1, port: {number: 80}}}]", "route: [{destination: {host: gone}}]", "route: []",
        "route: [{destination: {host: a}, weight: 0}, {destination: {host: b}, weight: 0}]", "route: [{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 0}]",
        "redirect: {uri: /}", "directResponse: {status: 200}", "route: [{destination: {}}]", "route: [{}]",
        "route: [{destination: {host: a}}], timeout: 0s, retries: {attempts: 5, retryOn: \"503,999,1,5xx,5xx\", perTryTimeout: 0s, backoff: 0s}",
        "redirect: {uri: /, prefixRewrite: /x, redirectCode: 399, port: 70000}", "redirect: {authority: \"a b\", scheme: gopher, derivePort: FROM_REQUEST_PORT, port: 5}", "redirect: {redirectCode: 304, uri: \"%%\"}",
        "directResponse: {status: 601, body: {bytes: \"nonsense!\"}}", "directResponse: {status: 100}", "delegate: {name: b}", "delegate: {name: c-1, namespace: far}",
        "route: [{destination: {host: a}}], rewrite: {uri: /x, uriRegexRewrite: {match: \"(\", rewrite: x}}", "route: [{destination: {host: a}}], rewrite: {uriRegexRewrite: {match: \"(a)\", rewrite: \"\\\\7\"}, authority: \"a/b\"}",
        "route: [{destination: {host: a}, headers: {request: {set: {connection: x, Host: \"a b\", te: y}, add: {\":path\": z, content-length: \"5\"}, remove: [transfer-encoding, host]}}}]",
        "route: [{destination: {host: a}}, {destination: {host: b}, weight: 5, headers: {response: {set: {\"a b\": \"%NONE\"}, add: {x: \"a%b\"}}}}], headers: {request: {set: {x: \"%REQ(\"}}}",
        "route: [{destination: {host: a}}], fault: {delay: {fixedDelay: -1s, percentage: {value: 900}}, abort: {httpStatus: 7, percentage: {value: -3}}}", "route: [{destination: {host: a}}], fault: {delay: {fixedDelay: 1s, percent: 50}, abort: {grpcStatus: ODD, percentage: {value: 100}}}",
        "route: [{destination: {host: a}}], mirror: {host: b, subset: v1}, mirrorPercent: -4", "route: [{destination: {host: a}}], mirrors: [{destination: {host: a}, percentage: {value: 1000}}, {destination: {}}, {}]",
        "route: [{destination: {host: a}}], corsPolicy: {allowOrigins: [{regex: \"(\"}, {}], allowMethods: [\"a b\"], maxAge: -1s}", "route: [{destination: {host: a}}], corsPolicy: {allowOrigin: [\"*\"], exposeHeaders: [\"x,y\"], maxAge: 0s}",
        "route: [{destination: {host: a, subset: v1}, weight: 1}, {destination: {host: b, subset: v1}, weight: 1}]",
        "route: [{destination: {host: a}}], timeout: -1s", "route: [{destination: {host: a}}], timeout: soon, retries: {attempts: -1}",
    ];

    private static readonly string[] Policies =
    [
        "{loadBalancer: {simple: ROUND_ROBIN}}", "{loadBalancer: {simple: PASSTHROUGH}}", "{connectionPool: {tcp: {connectTimeout: 0s}}}",
        "{connectionPool: {tcp: {connectTimeout: -5s}}}", "{retryBudget: {percent: 900, minRetryConcurrency: -1}}", "{}",
        "{loadBalancer: {consistentHash: {httpHeaderName: X, minimumRingSize: 99999999}}}", "{loadBalancer: {consistentHash: {httpCookie: {name: \"\", ttl: -1s}}}}", "{loadBalancer: {consistentHash: {maglev: {tableSize: 8}, useSourceIp: true}}}",
        "{loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: 0s, attributes: [{name: a}, {}]}, maglev: {tableSize: 1009}}}}", "{loadBalancer: {consistentHash: {httpQueryParameterName: q}}}", "{loadBalancer: {consistentHash: {}}}",
        "{loadBalancer: {simple: ODD, warmup: {duration: -1s, minimumPercent: 900, aggression: -1}}}", "{loadBalancer: {warmup: {minimumPercent: 50}}}", "{loadBalancer: {warmupDurationSecs: 5s}}",
        "{loadBalancer: {localityLbSetting: {distribute: [{from: \"\", to: {a: 50}}], failover: [{from: a}]}}, outlierDetection: {}}", "{loadBalancer: {localityLbSetting: {failoverPriority: [\"\", \"=x\", \"a=b=c\"]}}, outlierDetection: {interval: -1s, baseEjectionTime: 0s, maxEjectionPercent: 900, consecutive5xxErrors: -1, outlierDetectionHttpErrorCodes: [7]}}",
        "{connectionPool: {tcp: {maxConnections: -1, idleTimeout: -1s, maxConnectionDuration: 0s, tcpKeepalive: {probes: -1, time: 0s}}, http: {http1MaxPendingRequests: -1, h2UpgradePolicy: UPGRADE, useClientProtocol: true, http2KeepAlive: {timeout: 1s}}}}",
        "{connectionPool: {http: {idleTimeout: 0s, h2UpgradePolicy: UPGRADE, http2KeepAlive: {interval: 1s}}}, outlierDetection: {maxEjectionPercent: 0, minHealthPercent: 100, baseEjectionTime: 999h}}",
        "{tls: {mode: SIMPLE, sni: 10.0.0.1, credentialName: x}}", "{tls: {mode: MUTUAL, clientCertificate: a}}", "{tls: {mode: MUTUAL, clientCertificate: /a, privateKey: /b, credentialName: c}}", "{tls: {mode: SIMPLE, caCertificates: /a, subjectAltNames: [\"\"]}}",
        "{tls: {mode: DISABLE}}", "{tls: {mode: ISTIO_MUTUAL}}", "{tls: {}}", "{tls: {mode: SIMPLE}, portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}, {tls: {}}]}",
    ];

    private static readonly string[] Connections =
    [
        "tcp: [{route: [{destination: {host: b}}]}]", "tcp: [{match: [{port: 3306, destinationSubnets: [nonsense, 10.0.0.0/99]}], route: [{destination: {host: gone}}]}]",
        "tcp: [{match: [{destinationSubnets: [10.0.0.1/8]}, {sourceLabels: {app: a}}], route: [{destination: {host: a}, weight: 0}, {destination: {host: b}, weight: 0}]}]", "tcp: [{match: [{}]}]",
        "tls: [{match: [{sniHosts: [a, \"*.example.org\"]}], route: [{destination: {host: a, subset: v1}}]}]", "tls: [{match: [{sniHosts: [\"*\", \"a b\", \"\"], destinationSubnets: [fd00::/8]}], route: [{destination: {host: b}}]}]", "tls: [{match: [{}], route: []}]",
    ];

    private static readonly string[] Peers =
    [
        "{}", "{mtls: {mode: STRICT}}", "{mtls: {mode: DISABLE}}", "{mtls: {mode: UNSET}}", "{mtls: {mode: ODD}}", "{selector: {}, mtls: {mode: STRICT}}",
        "{selector: {matchLabels: {app: a}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {80: {mode: STRICT}, 81: {mode: UNSET}, 1: {mode: DISABLE}}}",
        "{selector: {matchLabels: {app: a}}, portLevelMtls: {80: {mode: DISABLE}}}", "{selector: {matchLabels: {app: b}}, portLevelMtls: {0: {mode: STRICT}}}",
        "{selector: {matchLabels: {version: v1}}, portLevelMtls: {http: {mode: STRICT}}}", "{portLevelMtls: {80: {mode: STRICT}}}", "{selector: {matchLabels: {app: a}}, portLevelMtls: {}}",
    ];

    [Fact]
    public void Every_config_is_one_its_proxy_takes()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            MeshPlan? plan = null;
            var snapshot = MeshSnapshot.Empty;
            for (var step = 0; step < 4; step++)
            {
                for (var i = 0; i < 6; i++) snapshot = snapshot.With(Anything(random));
                plan = MeshPlanner.Plan(snapshot, plan);
                foreach (var pod in plan.Pods.Values) Sidecars.Read(pod);
                var anew = MeshPlanner.Plan(snapshot);
                Assert.Equal(anew.Pods.Select(pod => (pod.Key, pod.Value.Hash)), plan.Pods.Select(pod => (pod.Key, pod.Value.Hash)));
                Assert.Equal(anew.Findings, plan.Findings);
                StatusPlanner.Plan(plan, Sidecars.Holding(plan), new Dictionary<RuleKey, WrittenStatus>(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
            }
        }
    }

    private static string Anything(Random random)
    {
        var (name, ns) = (Any(random, Names), Any(random, Namespaces));
        return random.Next(10) switch
        {
            0 => Given.Service(name, Any(random, Ports), ns, Any(random, Addresses), random.Next(3) == 0 ? ", publishNotReadyAddresses: true" : ""),
            1 => Given.Pod($"{name}-{random.Next(2)}", $"app: {name}, version: v{random.Next(2)}", ns, Any(random, Addresses)),
            2 => Given.Slice(name, random.Next(3), $"{Given.Endpoint(Any(random, Addresses), "a-1")}, {Given.Endpoint(Any(random, Addresses), "b-0")}", ns, Any(random, "http", "tcp", "x")),
            3 => $"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {ns}}}\nspec: {{type: ExternalName, externalName: '{Any(random, "", "Example.ORG.", "10.0.0.1")}', ports: [{Any(random, Ports)}]}}",
            4 => Given.DestinationRule(name, $"{{host: {Any(random, Hosts)}, trafficPolicy: {Any(random, Policies)}, subsets: [{{name: v1, labels: {{version: v1}}, trafficPolicy: {Any(random, Policies)}}}]}}", ns, random.Next(9)),
            5 => Given.PeerAuthentication(name, Any(random, Peers), Any(random, "default", "far", "istio-system"), random.Next(9)),
            6 => Given.MutualPod($"{name}-{random.Next(2)}", $"app: {name}, version: v{random.Next(2)}", ns, Any(random, Addresses), Any(random, "15012", "15012,80", "x,0")),
            7 => Given.VirtualService(name, $"{{hosts: [{Any(random, Hosts)}], {Any(random, Connections)}}}", ns, random.Next(9)),
            8 => Given.VirtualService(name, $"{{http: [{{match: [{Any(random, Matches)}], {Any(random, Actions)}}}]}}", ns, random.Next(9)),
            _ => Given.VirtualService(
                name,
                $"{{hosts: [{Any(random, Hosts)}, {Any(random, Hosts)}], http: [{{match: [{Any(random, Matches)}, {Any(random, Matches)}], {Any(random, Actions)}}}, {{{Any(random, Actions)}}}]}}",
                ns,
                random.Next(9)),
        };
    }

    private static string Any(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}
