using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Forwarding;

namespace Mesh.Sidecar.Filters;

/// <summary>
/// Sends copies of the request to where the route mirrors it. A copy without a body leaves at once; one with a body when the
/// client has sent all of it, gathered as it passes by on its way to the first try.
/// </summary>
public sealed class MirrorFilter(MirrorSender sender, Random random) : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route is not { Config.Mirrors: { IsEmpty: false } mirrors } || exchange.Headers.Get("upgrade") is not null) return NextAsync(exchange);
        var copies = CopiesOf(exchange, mirrors);
        if (copies.IsEmpty) return NextAsync(exchange);
        if (exchange.Call?.Body is { } body) return WithBodyAsync(exchange, body, copies);
        foreach (var copy in copies) sender.Send(copy);
        return NextAsync(exchange);
    }

    private async ValueTask WithBodyAsync(Exchange exchange, RequestTee body, ImmutableArray<RequestCopy> copies)
    {
        body.Copy = new BodyCopy(whole =>
        {
            foreach (var copy in copies) sender.Send(RequestCopy.WithBody(copy, whole));
        });
        await NextAsync(exchange);
        if (body.Copy.IsComplete) return;
        foreach (var _ in copies) sender.Drop();
    }

    private ImmutableArray<RequestCopy> CopiesOf(Exchange exchange, ImmutableArray<Mirror> mirrors)
    {
        var copies = ImmutableArray.CreateBuilder<RequestCopy>();
        foreach (var mirror in mirrors)
        {
            if (mirror.Percent < 100 && random.NextDouble() * 100 >= mirror.Percent) continue;
            if (exchange.Snapshot.FindCluster(mirror.Cluster) is not { } cluster) sender.Drop();
            else copies.Add(new RequestCopy(exchange, cluster, HashFor(exchange, cluster)));
        }

        return copies.ToImmutable();
    }

    // A client is given no cookie for the sake of a copy.
    private ulong? HashFor(Exchange exchange, CompiledCluster cluster) => cluster.Config.ConsistentHash is { } hash
        ? KeyHash.Of(hash.Key with { Cookie = hash.Key.Cookie is { } cookie ? cookie with { Ttl = null } : null }, exchange, random)
        : null;
}
