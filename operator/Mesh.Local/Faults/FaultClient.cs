using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Mesh.Local.Faults;

/// <summary>Speaks to a running mesh's <see cref="FaultDoor"/>.</summary>
public sealed class FaultClient : IDisposable
{
    private static readonly Uri Root = new("http://mesh/");
    private readonly HttpClient _http;

    public FaultClient(MeshPaths paths) => _http = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            using var way = ShortPath.To(paths.FaultSocket);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(way.Path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        UseProxy = false,
    });

    public async Task<FaultState> StateAsync(CancellationToken cancellation) =>
        await _http.GetFromJsonAsync(Root, LocalJson.Default.FaultState, cancellation) ?? new FaultState();

    public async Task<FaultAnswer> AddAsync(Fault fault, CancellationToken cancellation) =>
        await AnswerAsync(await _http.PostAsJsonAsync(new Uri(Root, "faults"), fault, LocalJson.Default.Fault, cancellation), cancellation);

    /// <summary>One fault, or for null everything that is broken.</summary>
    public async Task<FaultAnswer> RemoveAsync(string? name, CancellationToken cancellation) =>
        await AnswerAsync(await _http.DeleteAsync(new Uri(Root, name is null ? "faults" : $"faults/{Uri.EscapeDataString(name)}"), cancellation), cancellation);

    /// <summary>pause or resume.</summary>
    public async Task<FaultAnswer> PodAsync(string ns, string pod, string action, CancellationToken cancellation) =>
        await AnswerAsync(await _http.PostAsync(new Uri(Root, $"pods/{Uri.EscapeDataString(ns)}/{Uri.EscapeDataString(pod)}/{action}"), null, cancellation), cancellation);

    /// <summary>off, on, cut or join.</summary>
    public async Task<FaultAnswer> NodeAsync(string node, string action, CancellationToken cancellation) =>
        await AnswerAsync(await _http.PostAsync(new Uri(Root, $"nodes/{Uri.EscapeDataString(node)}/{action}"), null, cancellation), cancellation);

    /// <summary>off or on.</summary>
    public async Task<FaultAnswer> OperatorAsync(string action, CancellationToken cancellation) =>
        await AnswerAsync(await _http.PostAsync(new Uri(Root, $"operator/{Uri.EscapeDataString(action)}"), null, cancellation), cancellation);

    public void Dispose() => _http.Dispose();

    private static async Task<FaultAnswer> AnswerAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using (response)
        {
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.BadRequest)) throw new IOException($"the mesh answered {(int)response.StatusCode}; its log says more");
            return await response.Content.ReadFromJsonAsync(LocalJson.Default.FaultAnswer, cancellation) ?? new FaultAnswer(false, "the mesh gave no answer");
        }
    }
}
