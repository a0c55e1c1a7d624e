namespace Mesh.Benchmarks.Api;

/// <summary>Times of one list, read to its end.</summary>
public sealed record ListResult(string What, long Bytes, IReadOnlyList<double> Milliseconds)
{
    public double Median => Milliseconds.Order().ElementAt(Milliseconds.Count / 2);

    public double Worst => Milliseconds.Max();

    public static async Task<ListResult> MeasureAsync(ApiClient client, string what, string path, int times)
    {
        var took = new List<double>();
        long bytes = 0;
        for (var i = 0; i < times; i++)
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            bytes = await client.SendAsync(HttpMethod.Get, path);
            took.Add(clock.Elapsed.TotalMilliseconds);
        }

        return new ListResult(what, bytes, took);
    }
}
