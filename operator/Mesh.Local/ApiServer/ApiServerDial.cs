using System.Net;

namespace Mesh.Local.ApiServer;

/// <summary>Opens a stream to an address, which is an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</summary>
public delegate ValueTask<Stream> ApiServerDial(EndPoint target, CancellationToken cancellation);
