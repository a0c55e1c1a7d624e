using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.DnsProxy;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Identity;
using Serilog.Core;
using Serilog.Events;

namespace Mesh.Sidecar.Control;

/// <summary>15000, on loopback only: what this proxy obeys and how its endpoints fare. Envoy's paths work too.</summary>
public sealed class AdminPages(ProxyState state, IdentityState identity, StatusPages status, NameServers nameServers, DnsCounts dns, LoggingLevelSwitch level)
{
    private const string Help = """
        /config             the config in force (also /config_dump)
        /endpoints          every cluster's endpoints with their counters (also /clusters)
        /certs              the certificate in force and the roots trusted, without keys
        /dns                names answered by the mesh, name servers asked for others, and how often
        /stats              metrics (also /stats/prometheus)
        /log-level          the log level; POST /log-level?level=debug sets it (also /logging)
        """ + "\n";

    public Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is "/log-level" or "/logging") return ServeLevelAsync(context);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return Text.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Only the log level can be set.\n");
        return path switch
        {
            "/" or "/help" => Text.WriteAsync(context, StatusCodes.Status200OK, Help),
            "/config" or "/config_dump" => WriteJsonAsync(context, WriteConfig),
            "/endpoints" or "/clusters" => WriteJsonAsync(context, WriteEndpoints),
            "/dns" => WriteJsonAsync(context, WriteNames),
            "/certs" => Text.WriteAsync(context, StatusCodes.Status200OK, CertificatePage.Write(identity), "application/json"),
            "/stats" or "/stats/prometheus" => status.WriteMetricsAsync(context),
            _ => Text.WriteAsync(context, StatusCodes.Status404NotFound, Help),
        };
    }

    private Task ServeLevelAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method) || HttpMethods.IsPut(context.Request.Method))
        {
            var asked = context.Request.Query["level"].ToString();
            if (!Enum.TryParse<LogEventLevel>(asked, ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
                return Text.WriteAsync(context, StatusCodes.Status400BadRequest, $"'{asked}' is not one of verbose, debug, information, warning, error, fatal.\n");
            level.MinimumLevel = wanted;
        }

        return Text.WriteAsync(context, StatusCodes.Status200OK, level.MinimumLevel.ToString().ToLowerInvariant() + "\n");
    }

    private Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter, ProxySnapshot> write)
    {
        if (state.Current is not { } snapshot) return Text.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "No config yet.\n");
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true })) write(json, snapshot);
        return Text.WriteAsync(context, StatusCodes.Status200OK, stream.ToArray(), "application/json");
    }

    private static void WriteConfig(Utf8JsonWriter json, ProxySnapshot snapshot)
    {
        var config = snapshot.Config;
        var types = ProxyConfigJson.Default;
        json.WriteStartObject();
        Member("manifest", () => JsonSerializer.Serialize(json, config.Manifest, types.Manifest));
        Member("workload", () => JsonSerializer.Serialize(json, config.Workload, types.WorkloadConfig));
        Member("mesh", () => JsonSerializer.Serialize(json, config.Mesh, types.MeshSettings));
        Member("inbound", () => JsonSerializer.Serialize(json, config.Inbound, types.InboundConfig));
        Member("outbound", () => JsonSerializer.Serialize(json, config.Outbound, types.OutboundConfig));
        List("routes", config.Routes, types.RouteTable);
        List("clusters", config.Clusters, types.Cluster);
        List("endpoints", config.Endpoints, types.EndpointGroup);
        json.WriteEndObject();

        void Member(string name, Action value)
        {
            json.WritePropertyName(name);
            value();
        }

        void List<T>(string name, ImmutableArray<T> items, JsonTypeInfo<T> type)
        {
            json.WriteStartArray(name);
            foreach (var item in items) JsonSerializer.Serialize(json, item, type);
            json.WriteEndArray();
        }
    }

    private void WriteNames(Utf8JsonWriter json, ProxySnapshot snapshot)
    {
        json.WriteStartObject();
        json.WriteStartObject("requests");
        json.WriteNumber("mesh", dns.Mesh);
        json.WriteNumber("upstream", dns.PassedOn);
        json.WriteNumber("failed", dns.Failed);
        json.WriteNumber("dropped", dns.Dropped);
        json.WriteEndObject();
        json.WriteStartArray("nameServers");
        foreach (var server in nameServers.Servers) json.WriteStringValue(server.ToString());
        json.WriteEndArray();
        json.WritePropertyName("names");
        JsonSerializer.Serialize(json, snapshot.Config.Outbound.Dns.Names, ProxyConfigJson.Default.ImmutableArrayDnsName);
        json.WriteEndObject();
    }

    private static void WriteEndpoints(Utf8JsonWriter json, ProxySnapshot snapshot)
    {
        json.WriteStartArray();
        foreach (var cluster in snapshot.Clusters)
        {
            json.WriteStartObject();
            json.WriteString("cluster", cluster.Name);
            json.WriteNumber("activeRequests", cluster.State.Active);
            json.WriteNumber("activeRetries", cluster.State.Retrying);
            json.WriteNumber("retries", cluster.State.Retries);
            json.WriteNumber("retriesOverBudget", cluster.State.RetriesOverBudget);
            if (cluster.Balanced.IsPanic) json.WriteBoolean("panic", true);
            if (cluster.Pool.Failure is { } failure) json.WriteString("failure", failure);
            json.WriteStartArray("endpoints");
            foreach (var endpoint in cluster.Pool.Members) WriteEndpoint(json, endpoint);
            foreach (var endpoint in cluster.State.OriginalDestinations.Known) WriteEndpoint(json, endpoint);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEndpoint(Utf8JsonWriter json, CompiledEndpoint endpoint)
    {
        var state = endpoint.State;
        json.WriteStartObject();
        json.WriteString("address", endpoint.Address.ToString());
        json.WriteString("pod", endpoint.Config.Pod);
        WriteHealth(json, state.Health);
        json.WriteNumber("weight", endpoint.Weight);
        json.WriteNumber("active", state.Active);
        json.WriteNumber("connections", state.Connections);
        json.WriteNumber("requests", state.Requests);
        json.WriteNumber("errors", state.Errors);
        json.WriteNumber("connectFailures", state.ConnectFailures);
        json.WriteEndObject();
    }

    private static void WriteHealth(Utf8JsonWriter json, MemberHealth health)
    {
        json.WriteString("health", health.IsEjected ? "ejected" : health.IsUnhealthy ? "unhealthy" : "healthy");
        if (health.Ejection is { } ejection)
        {
            json.WriteString("reason", ejection.Reason);
            json.WriteString("since", ejection.Since);
            json.WriteString("until", ejection.Until);
        }

        if (health.Checked.Length > 0)
        {
            json.WriteString("checked", health.Checked);
            json.WriteString("checkedSince", health.CheckedSince);
        }

        if (health.TimesEjected > 0) json.WriteNumber("ejections", health.TimesEjected);
    }
}
