using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>The page, and the same facts as JSON.</summary>
public sealed class ProductPageService(BookinfoOptions options, BookClient client)
{
    private const string UserCookie = "bookinfo-user";
    private const int Product = 0;
    private readonly RecentAnswers _recent = new(100);

    public void Map(WebApplication app)
    {
        app.MapGet("/", () => Results.Redirect("/productpage"));
        app.MapGet("/productpage", ShowPage);
        app.MapPost("/login", Login).DisableAntiforgery();
        app.MapGet("/logout", (HttpContext context) =>
        {
            context.Response.Cookies.Delete(UserCookie);
            return Results.Redirect("/productpage");
        });
        app.MapGet("/api/v1/products", () => Results.Json(new JsonArray(new JsonObject
        {
            ["id"] = Product,
            ["title"] = Page.Title,
            ["descriptionHtml"] = Page.Summary,
        })));
        app.MapGet("/api/v1/products/{id:int}", async (int id, HttpRequest request, CancellationToken cancelled) =>
            Relay(await client.Details(id, Headers(request), cancelled)));
        app.MapGet("/api/v1/products/{id:int}/reviews", async (int id, HttpRequest request, CancellationToken cancelled) =>
            Relay(Remember(await client.Reviews(id, Headers(request), cancelled))));
        app.MapGet("/api/v1/products/{id:int}/ratings", async (int id, HttpRequest request, CancellationToken cancelled) =>
            Relay(await client.Ratings(id, Headers(request), TimeSpan.FromSeconds(3), cancelled)));
    }

    private async Task<IResult> ShowPage(HttpContext context, bool? watch, CancellationToken cancelled)
    {
        var headers = Headers(context.Request);
        var details = client.Details(Product, headers, cancelled);
        var reviews = client.Reviews(Product, headers, cancelled);
        var page = new Page
        {
            User = User(context.Request),
            Watch = watch == true,
            Pod = options.Pod,
            Details = await details,
            Reviews = Remember(await reviews),
            Recent = _recent.Counts(),
        };
        return Results.Content(page.Render(), "text/html; charset=utf-8");
    }

    /// <summary>Any name gets in, without a password: the sample is about where a user's requests go.</summary>
    private static async Task<IResult> Login(HttpRequest request, HttpResponse response)
    {
        var form = await request.ReadFormAsync();
        var name = form["username"].ToString().Trim();
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@'))
            return Results.BadRequest("A name has 1 to 64 letters, digits, dots, dashes, underscores or @.");
        response.Cookies.Append(UserCookie, name, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax });
        return Results.Redirect("/productpage");
    }

    private static string? User(HttpRequest request) => request.Cookies.TryGetValue(UserCookie, out var name) && name.Length > 0 ? name : null;

    /// <summary>Who the user is comes from the session alone, whatever the browser claims.</summary>
    private static Dictionary<string, string> Headers(HttpRequest request)
    {
        var headers = ForwardedHeaders.From(request);
        headers.Remove("end-user");
        if (User(request) is { } user) headers["end-user"] = user;
        return headers;
    }

    private ServiceAnswer Remember(ServiceAnswer reviews)
    {
        _recent.Add(reviews.Problem is null ? reviews.Version : "error");
        return reviews;
    }

    private static IResult Relay(ServiceAnswer answer) => answer.Problem is null
        ? Results.Json(answer.Body)
        : Results.Json(new { error = answer.Problem }, statusCode: answer.Status is >= 400 ? answer.Status : 502);
}
