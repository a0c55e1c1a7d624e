using System.CommandLine;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator;

/// <summary>The command line of the operator.</summary>
public static class OperatorCommand
{
    private const int UsageError = 2;

    public static RootCommand Create()
    {
        var kubeconfig = Text("--kubeconfig", "Kubeconfig to use; without it the pod's service account, else the default kubeconfig");
        var webhookUrl = Text("--webhook-url", "https URL under which the API server reaches the webhooks; without it through the Service mesh-operator");
        var @namespace = Text("--namespace", "Namespace of the operator itself: its Lease, its webhook CA and its Service", "mesh-system");
        var initImage = Text("--init-image", "Image of the init container", "mesh/init");
        var sidecarImage = Text("--sidecar-image", "Image of the sidecar", "mesh/sidecar");
        var pullPolicy = Text("--image-pull-policy", "imagePullPolicy of both; without it Kubernetes's default");
        var proxyLogLevel = Text("--proxy-log-level", "Log level of new sidecars", "info");
        var logLevel = Text("--log-level", "verbose, debug, information, warning, error", "information");
        var logFormat = Text("--log-format", "text or json", "text");
        var identity = Text("--identity", "Name among replicas; a process with the name that holds the lease leads at once", DefaultIdentity());
        var webhookPort = Number("--webhook-port", "Port of the webhooks (https)", 9443);
        var metricsPort = Number("--metrics-port", "Port of /metrics, /healthz and /readyz", 8080);
        var controlPort = Number("--control-port", "Port of the control sessions that sidecars open", Config.WellKnown.ControlPort);
        var controlAddress = Text("--control-address", "HOST:PORT under which sidecars reach it; without it the Service mesh-operator");
        var rootLife = Text("--root-life", "How long a root of the mesh is valid, for example 3650d, 12h, 30m (for trying a renewal out)", "3650d");
        var webhooks = new Option<bool>("--webhooks") { Description = Describe("--webhooks", "Serve and register the webhooks; false where the API server cannot reach this machine"), DefaultValueFactory = _ => FromEnvironment("--webhooks") != "false" };
        var leaseSeconds = Number("--lease-duration", "Seconds after which a dead leader is replaced", 8);
        var drainSeconds = Number("--drain-delay", "Seconds for which everything goes on after SIGTERM, not ready any more; config/operator gives 5", 0);
        var writes = Number("--record-writes", "Config records written a second, at most", 50);

        var root = new RootCommand("The Mesh operator: watches the cluster, configures the sidecars, tells the truth in status.");
        foreach (Option option in (Option[])[kubeconfig, webhookUrl, @namespace, initImage, sidecarImage, pullPolicy, proxyLogLevel, logLevel, logFormat, identity, webhookPort, webhooks, metricsPort, leaseSeconds, drainSeconds, writes, controlPort, controlAddress, rootLife])
            root.Options.Add(option);
        root.Subcommands.Add(RbacCommand.Create());
        root.SetAction((result, cancellationToken) =>
        {
            Uri? url = null;
            if (result.GetValue(webhookUrl) is { Length: > 0 } text && (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Scheme != Uri.UriSchemeHttps))
                return Usage($"--webhook-url \"{text}\" is not an https URL. Write for example https://10.0.0.1:9443.");
            if (result.GetValue(kubeconfig) is { Length: > 0 } path && !File.Exists(path))
                return Usage($"--kubeconfig {path}: there is no such file.");
            if (Life(result.GetValue(rootLife)!) is not { } life)
                return Usage($"--root-life \"{result.GetValue(rootLife)}\" is no time of 10 minutes or more. Write for example 3650d, 12h or 30m.");
            return OperatorHost.RunAsync(
                new OperatorOptions
                {
                    Kubeconfig = NullIfEmpty(result.GetValue(kubeconfig)),
                    WebhookUrl = url,
                    Namespace = result.GetValue(@namespace)!,
                    WebhookPort = result.GetValue(webhookPort),
                    Webhooks = result.GetValue(webhooks),
                    MetricsPort = result.GetValue(metricsPort),
                    Identity = result.GetValue(identity)!,
                    LeaseDuration = TimeSpan.FromSeconds(Math.Max(1, result.GetValue(leaseSeconds))),
                    DrainDelay = TimeSpan.FromSeconds(Math.Clamp(result.GetValue(drainSeconds), 0, 300)),
                    RecordWritesPerSecond = Math.Max(1, result.GetValue(writes)),
                    ControlPort = result.GetValue(controlPort),
                    ControlAddress = NullIfEmpty(result.GetValue(controlAddress)),
                    RootLife = life,
                    LogLevel = result.GetValue(logLevel)!,
                    LogJson = result.GetValue(logFormat) == "json",
                    Injection = new InjectionSettings
                    {
                        InitImage = result.GetValue(initImage)!,
                        SidecarImage = result.GetValue(sidecarImage)!,
                        ImagePullPolicy = NullIfEmpty(result.GetValue(pullPolicy)),
                        LogLevel = result.GetValue(proxyLogLevel)!,
                    },
                },
                cancellationToken);
        });
        return root;
    }

    private static TimeSpan? Life(string text)
    {
        var unit = text.Length < 2 ? 0 : text[^1] switch { 'd' => 86400, 'h' => 3600, 'm' => 60, _ => 0 };
        return unit > 0 && int.TryParse(text[..^1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number * (long)unit is >= 600 and <= 86400L * 36500 ? TimeSpan.FromSeconds(number * (long)unit) : null;
    }

    private static Task<int> Usage(string message)
    {
        Console.Error.WriteLine(message);
        return Task.FromResult(UsageError);
    }

    private static Option<string?> Text(string name, string description, string? otherwise = null) =>
        new(name) { Description = Describe(name, description), DefaultValueFactory = _ => FromEnvironment(name) ?? otherwise };

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name)
        {
            Description = Describe(name, description),
            DefaultValueFactory = result =>
            {
                if (FromEnvironment(name) is not { } text) return otherwise;
                if (int.TryParse(text, out var number)) return number;
                result.AddError($"{VariableOf(name)}=\"{text}\" is not a number.");
                return otherwise;
            },
        };

    private static string Describe(string name, string description) => $"{description} [{VariableOf(name)}]";

    private static string? FromEnvironment(string name) => NullIfEmpty(Environment.GetEnvironmentVariable(VariableOf(name)));

    private static string VariableOf(string name) => "MESH_OPERATOR_" + name[2..].Replace('-', '_').ToUpperInvariant();

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string DefaultIdentity() =>
        NullIfEmpty(Environment.GetEnvironmentVariable("POD_NAME")) ?? $"{Environment.MachineName}-{Environment.ProcessId}-{Random.Shared.Next():x8}";
}
