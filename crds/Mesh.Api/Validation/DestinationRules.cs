using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Where traffic may be sent, and in which shares.</summary>
internal static class DestinationRules
{
    /// <summary>A service, subset and port.</summary>
    public static void Check(FindingList found, string path, Destination? destination)
    {
        if (destination is null)
            return;
        if (destination.Host == "*")
            found.Error(path + ".host", "*", "Traffic cannot be sent to every host.", "Name one service.");
        else if (DnsNames.WildcardProblem(destination.Host) is { } problem)
            found.Error(path + ".host", destination.Host, $"This is no host: {problem}.", "Write a service's short name such as reviews, or its full name such as reviews.prod.svc.cluster.local.");
        if (destination.Subset is { Length: > 0 } subset)
            Subset(found, path + ".subset", subset);
        if (destination.Port is { } port && !DnsNames.IsPort(port.Number))
            found.Error(path + ".port.number", port.Number, "A port is a number between 1 and 65535.", "Write the service's port number, or leave port out if it has only one.");
    }

    /// <summary>The name of a subset.</summary>
    public static void Subset(FindingList found, string path, string? name)
    {
        if (!DnsNames.IsLabel(name))
            found.Error(path, name, "This is no name of a subset.", "Write letters, digits and hyphens, at most 63, such as v1.");
    }

    /// <summary>Weighted destinations of HTTP requests.</summary>
    public static void Check(FindingList found, string path, IReadOnlyList<HttpRouteDestination> route)
    {
        for (var i = 0; i < route.Count; i++)
        {
            Required(found, $"{path}[{i}].destination", route[i].Destination);
            Check(found, $"{path}[{i}].destination", route[i].Destination);
            HeaderRules.Check(found, $"{path}[{i}].headers", route[i].Headers);
        }

        Weights(found, path, [.. route.Select(r => r.Weight)]);
    }

    /// <summary>Weighted destinations of connections.</summary>
    public static void Check(FindingList found, string path, IReadOnlyList<RouteDestination> route)
    {
        if (route.Count == 0)
            found.Error(path, null, "The rule says nowhere to go.", "Add a destination to route.");
        for (var i = 0; i < route.Count; i++)
        {
            Required(found, $"{path}[{i}].destination", route[i].Destination);
            Check(found, $"{path}[{i}].destination", route[i].Destination);
        }

        Weights(found, path, [.. route.Select(r => r.Weight)]);
    }

    private static void Required(FindingList found, string path, Destination? destination)
    {
        if (destination is null)
            found.Error(path, null, "A destination is needed.", "Add destination.host.");
    }

    private static void Weights(FindingList found, string path, int?[] weights)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] < 0)
                found.Error($"{path}[{i}].weight", weights[i], "A weight cannot be negative.", "Write 0 or more; shares are weights divided by their sum.");
        }

        if (weights.Length > 1 && weights.Sum(w => (long)(w ?? 0)) == 0)
            found.Error(path, null, "All weights are 0, so no destination would get anything.", "Give at least one destination a weight above 0.");
    }
}
