using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Mesh.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>
/// The number that stands for "the same client again". The same in every proxy and after every restart, so that all of a
/// mesh's proxies send a key to the same member: no seed, nothing of this process.
/// </summary>
public static class KeyHash
{
    private const ulong Offset = 14695981039346656037; // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
    private const ulong Prime = 1099511628211;
    private const ulong SplitSalt = 0x9e3779b97f4a7c15;

    /// <summary>
    /// The hash of this request's key; <c>null</c> when it has none. A client without the cookie is given one where the key
    /// says so: the response carries it (<see cref="Exchange.GivenCookies"/>), and this request counts as if it had it.
    /// </summary>
    public static ulong? Of(HashKey key, Exchange exchange, Random random)
    {
        if (key.SourceAddress) return exchange.DownstreamRemote is { } client ? Of(client.Address) : null;
        if (key.Header is { } header) return exchange.Headers.Get(header) is { } value ? Of(value) : null;
        if (key.QueryParameter is { } parameter) return TryFindParameter(exchange.Query, parameter, out var argument) ? Of(argument) : null;
        return key.Cookie is { } cookie ? OfCookie(cookie, exchange, random) : null;
    }

    /// <summary>The hash of an address, the same for an IPv4 address whichever way it is written.</summary>
    public static ulong Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        address.TryWriteBytes(bytes, out var count);
        return Of(bytes[..count]);
    }

    /// <summary>The hash of a text.</summary>
    public static ulong Of(ReadOnlySpan<char> text) => Of(MemoryMarshal.AsBytes(text));

    /// <summary>
    /// A place from 0 up to 1 for drawing among weighted destinations. Mixed anew: if the very hash were used, the keys of one
    /// subset would all lie in one stretch of its ring, on few of its members.
    /// </summary>
    public static double ShareOf(ulong hash) => (Mix(hash ^ SplitSalt) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Spreads what is near (splitmix64's finaliser, a bijection).</summary>
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Offset;
        foreach (var one in bytes) hash = (hash ^ one) * Prime;
        return Mix(hash);
    }

    private static ulong? OfCookie(HashCookie cookie, Exchange exchange, Random random)
    {
        if (exchange.Headers.Get("cookie") is { } sent && TryFindCookie(sent, cookie.Name, out var value)) return Of(value);
        if (cookie.Ttl is not { } life) return null;
        foreach (var given in exchange.GivenCookies)
        {
            if (given.Name == cookie.Name) return Of(given.Value);
        }

        var made = random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
        exchange.GiveCookie(new GivenCookie(cookie.Name, made, LineOf(cookie, made, life)));
        return Of(made);
    }

    private static string LineOf(HashCookie cookie, string value, TimeSpan life)
    {
        var line = $"{cookie.Name}=\"{value}\"";
        if (life > TimeSpan.Zero) line += $"; Max-Age={((long)life.TotalSeconds).ToString(CultureInfo.InvariantCulture)}";
        if (cookie.Path is { Length: > 0 } path) line += $"; Path={path}";
        foreach (var attribute in cookie.Attributes) line += $"; {attribute}";
        return line + "; HttpOnly";
    }

    private static bool TryFindCookie(ReadOnlySpan<char> header, string name, out ReadOnlySpan<char> value)
    {
        // Several Cookie lines arrive joined by a comma (HTTP/2 splits them); a cookie's value holds neither.
        foreach (var part in header.SplitAny(';', ','))
        {
            var pair = header[part].Trim();
            var equals = pair.IndexOf('=');
            if (equals < 0 || !pair[..equals].TrimEnd().SequenceEqual(name)) continue;
            value = pair[(equals + 1)..].Trim().Trim('"');
            if (!value.IsEmpty) return true;
        }

        value = default;
        return false;
    }

    private static bool TryFindParameter(ReadOnlySpan<char> query, string name, out ReadOnlySpan<char> value)
    {
        query = query.TrimStart('?');
        foreach (var part in query.Split('&'))
        {
            var pair = query[part];
            var equals = pair.IndexOf('=');
            if (!(equals < 0 ? pair : pair[..equals]).SequenceEqual(name)) continue;
            value = equals < 0 ? default : pair[(equals + 1)..];
            return true;
        }

        value = default;
        return false;
    }
}
