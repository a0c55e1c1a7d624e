using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Every destination that a VirtualService names, with the field it stands in.</summary>
internal static class Destinations
{
    public static IEnumerable<(Destination? Destination, string Path)> Of(VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            for (var j = 0; j < spec.Http[i].Route.Count; j++)
                yield return (spec.Http[i].Route[j].Destination, $"spec.http[{i}].route[{j}].destination");
            if (spec.Http[i].Mirror is { } mirror) yield return (mirror, $"spec.http[{i}].mirror");
            for (var j = 0; j < spec.Http[i].Mirrors.Count; j++)
                yield return (spec.Http[i].Mirrors[j].Destination, $"spec.http[{i}].mirrors[{j}].destination");
        }

        for (var i = 0; i < spec.Tls.Count; i++)
            for (var j = 0; j < spec.Tls[i].Route.Count; j++) yield return (spec.Tls[i].Route[j].Destination, $"spec.tls[{i}].route[{j}].destination");
        for (var i = 0; i < spec.Tcp.Count; i++)
            for (var j = 0; j < spec.Tcp[i].Route.Count; j++) yield return (spec.Tcp[i].Route[j].Destination, $"spec.tcp[{i}].route[{j}].destination");
    }
}
