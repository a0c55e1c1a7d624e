using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>The HTML of the product page. Everything from outside goes through <see cref="Encode"/>.</summary>
public sealed record Page
{
    public const string Title = "The Comedy of Errors";
    public const string Summary =
        "Two merchants' sons, twins lost to each other at sea, and their two servants, twins as well, all end up in one town on the "
        + "same day without knowing it. Wives, goldsmiths and constables meet the wrong one every time. Shakespeare's shortest play, "
        + "and the one in which nobody is to blame.";

    private static readonly string Style = ReadStyle();

    public required string? User { get; init; }
    public required bool Watch { get; init; }
    public required string Pod { get; init; }
    public required ServiceAnswer Details { get; init; }
    public required ServiceAnswer Reviews { get; init; }
    public required IReadOnlyList<(string Version, int Count)> Recent { get; init; }

    public string Render() => $"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          {(Watch ? "<meta http-equiv=\"refresh\" content=\"1\">" : "")}
          <title>{Title} · Bookinfo</title>
          <style>{Style}</style>
        </head>
        <body>
          <header>
            <a class="brand" href="/productpage">Bookinfo</a><span class="tag">a sample application in a mesh</span>
            {SignIn()}
          </header>
          <main>
            <section class="book">
              <h1>{Title}</h1>
              <p>{Summary}</p>
            </section>
            <section class="way" aria-label="Which pods answered">
              {Hop("productpage", null, Pod, "v1")}
              <span class="fork">asked</span>
              <div class="hops">{Hop("details", Details, Details.Pod, Details.Version)}{Hop("reviews", Reviews, Reviews.Pod, Reviews.Version)}</div>
            </section>
            <div class="columns">
              <section><h2>Book details</h2>{DetailsTable()}</section>
              <section><h2>Reviews {Badge(Reviews.Version)}</h2>{ReviewList()}</section>
            </div>
            <section class="traffic">
              <h2>Where reviews requests went <small>the last {Recent.Sum(pair => pair.Count)} from this pod</small></h2>
              {Traffic()}
              <p><a href="/productpage">Ask again</a> · {(Watch ? "<a href=\"/productpage\">stop watching</a>" : "<a href=\"/productpage?watch=true\">watch, once a second</a>")}</p>
            </section>
          </main>
          <footer>Change a route with <code>kubectl edit virtualservice reviews</code> and see the stars follow.</footer>
        </body>
        </html>
        """;

    private string SignIn() => User is null
        ? """<form class="user" method="post" action="/login"><input name="username" placeholder="user, e.g. jason" aria-label="User name" required maxlength="64"><button>Sign in</button></form>"""
        : $"""<div class="user">signed in as <b>{Encode(User)}</b> <a href="/logout">sign out</a></div>""";

    private static string Hop(string service, ServiceAnswer? answer, string pod, string version)
    {
        var failed = answer?.Problem is not null;
        var time = answer is null ? "" : $"<span class=\"ms\">{answer.Elapsed.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms{(answer.Tries > 1 ? $", {answer.Tries} tries" : "")}</span>";
        return $"""<div class="hop{(failed ? " failed" : "")}"><b>{service}</b> {Badge(failed ? "" : version)}{time}<code>{Encode(failed ? answer!.Problem! : pod)}</code></div>""";
    }

    private static string Badge(string version) =>
        version.Length == 0 ? "" : $"<span class=\"badge {(version is "v1" or "v2" or "v3" ? version : "other")}\">{Encode(version)}</span>";

    private string DetailsTable()
    {
        if (Details.Body is not JsonObject facts) return Sorry("The details of this book could not be read.", Details.Problem);
        var rows = new StringBuilder("<table>");
        foreach (var (label, key) in new[]
        {
            ("Author", "author"), ("Year", "year"), ("Type", "type"), ("Pages", "pages"), ("Publisher", "publisher"),
            ("Language", "language"), ("ISBN-10", "ISBN-10"), ("ISBN-13", "ISBN-13"),
        }) rows.Append($"<tr><th>{label}</th><td>{Encode(facts[key]?.ToString() ?? "")}</td></tr>");
        return rows.Append("</table>").ToString();
    }

    private string ReviewList()
    {
        if (Reviews.Body?["reviews"] is not JsonArray reviews) return Sorry("The reviews of this book could not be read.", Reviews.Problem);
        var list = new StringBuilder();
        foreach (var review in reviews)
            list.Append($"<blockquote><p>{Encode(review?["text"]?.ToString() ?? "")}</p><footer>{Encode(review?["reviewer"]?.ToString() ?? "")} {Stars(review?["rating"])}</footer></blockquote>");
        return list.ToString();
    }

    private static string Stars(JsonNode? rating)
    {
        if (rating is null) return "";
        if (rating["error"] is { } error) return $"<span class=\"problem\">{Encode(error.ToString())}{(rating["reason"] is { } reason ? $" ({Encode(reason.ToString())})" : "")}</span>";
        var count = Math.Clamp(rating["stars"]?.GetValue<int>() ?? 0, 0, 5);
        var color = rating["color"]?.ToString() == "red" ? "red" : "black";
        return $"<span class=\"stars {color}\" role=\"img\" aria-label=\"{count} of 5 stars, {color}\">{new string('★', count)}<i>{new string('★', 5 - count)}</i></span>";
    }

    private string Traffic()
    {
        var total = Math.Max(1, Recent.Sum(pair => pair.Count));
        var bars = new StringBuilder("<div class=\"bars\">");
        foreach (var (version, count) in Recent)
        {
            var percent = (100.0 * count / total).ToString("0", CultureInfo.InvariantCulture);
            bars.Append($"<div class=\"bar\"><span>{Badge(version)}</span><span class=\"track\"><i class=\"{(version is "v1" or "v2" or "v3" or "error" ? version : "other")}\" style=\"width:{percent}%\"></i></span><span>{percent} % · {count}</span></div>");
        }
        return bars.Append("</div>").ToString();
    }

    private static string Sorry(string what, string? why) => $"<p class=\"problem\"><b>{what}</b><br>{Encode(why ?? "The answer was not understood.")}</p>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string ReadStyle()
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("page.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
