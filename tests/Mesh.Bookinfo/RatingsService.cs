using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>
/// Stars by reviewer, kept in memory. Two versions misbehave on purpose, every second time they are asked: v-faulty answers
/// 503, v-delayed takes seven seconds; there is something to retry and something to time out.
/// </summary>
public sealed class RatingsService(BookinfoOptions options)
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(7);
    private int _asked;

    private readonly ConcurrentDictionary<int, Dictionary<string, int>> _ratings = new();

    public void Map(WebApplication app)
    {
        app.MapGet("/ratings/{id:int}", async (int id, CancellationToken cancelled) =>
        {
            var misbehaves = options.Version is "v-faulty" or "v-delayed" && Interlocked.Increment(ref _asked) % 2 == 1;
            if (misbehaves && options.Version == "v-faulty") return Results.Json(new { error = "faulty on purpose" }, statusCode: 503);
            if (misbehaves) await Task.Delay(Delay, cancelled);
            return Results.Json(Json(id));
        });
        app.MapPost("/ratings/{id:int}", (int id, Dictionary<string, int> ratings) =>
        {
            if (ratings.Count is 0 or > 100 || ratings.Values.Any(stars => stars is < 0 or > 5))
                return Results.Json(new { error = "please provide valid ratings: {\"Reviewer1\": 0..5, …}" }, statusCode: 400);
            _ratings[id] = ratings;
            return Results.Json(Json(id));
        });
    }

    private JsonObject Json(int id)
    {
        var stars = new JsonObject();
        foreach (var (reviewer, count) in _ratings.GetValueOrDefault(id) ?? new() { ["Reviewer1"] = 5, ["Reviewer2"] = 4 }) stars[reviewer] = count;
        return new JsonObject { ["id"] = id, ["ratings"] = stars };
    }
}
