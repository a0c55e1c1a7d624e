using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>What people say about a book. v1 has words only; v2 adds ratings as black stars, v3 as red ones.</summary>
public sealed class ReviewsService(BookinfoOptions options, BookClient client)
{
    private static readonly (string Reviewer, string Text)[] Reviews =
    [
        ("Reviewer1", "Two pairs of twins, one day, one town: the mix-ups never stop, and every one of them lands. Great fun on a page and better on a stage."),
        ("Reviewer2", "Light as a feather and proud of it. If you look for the depth of the later plays you will not find it here; if you look for a laugh, you will."),
    ];

    private readonly string? _color = options.Version switch { "v1" => null, "v3" => "red", _ => "black" };

    public void Map(WebApplication app) => app.MapGet("/reviews/{id:int}", async (int id, HttpRequest request, CancellationToken cancelled) =>
    {
        var ratings = _color is null ? null
            // Black stars wait ten seconds and red ones two and a half: with a slow ratings service the two differ, as ever.
            : await client.Ratings(id, ForwardedHeaders.From(request), TimeSpan.FromSeconds(_color == "black" ? 10 : 2.5), cancelled);
        var reviews = new JsonArray();
        foreach (var (reviewer, text) in Reviews)
        {
            var review = new JsonObject { ["reviewer"] = reviewer, ["text"] = text };
            if (ratings is not null && Rating(ratings, reviewer) is { } rating) review["rating"] = rating;
            reviews.Add(review);
        }
        return Results.Json(new JsonObject
        {
            ["id"] = id.ToString(CultureInfo.InvariantCulture),
            ["podname"] = options.Pod,
            ["clustername"] = Environment.GetEnvironmentVariable("CLUSTER_NAME") ?? "null",
            ["reviews"] = reviews,
        });
    });

    private JsonObject? Rating(ServiceAnswer ratings, string reviewer)
    {
        if (ratings.Problem is not null)
            return new JsonObject { ["error"] = "Ratings service is currently unavailable", ["reason"] = ratings.Problem };
        // Someone may have posted ratings that leave this reviewer out.
        return ratings.Body?["ratings"]?[reviewer]?.GetValue<int>() is { } stars
            ? new JsonObject { ["stars"] = stars, ["color"] = _color }
            : null;
    }
}
