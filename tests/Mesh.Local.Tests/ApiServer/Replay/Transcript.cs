using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>One recorded scenario (../shared/api-transcripts), as its file tells it.</summary>
internal sealed partial record Transcript(string Name, JsonObject Document)
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(SharedCases.DefaultRoot, "..", "api-transcripts"));

    public static bool Present => Directory.Exists(Root);

    /// <summary>All that are steps to be sent again; 13-kubectl-streaming-handshakes and the OpenAPI documents are not.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Root, "*.json")
        .Select(file => Path.GetFileNameWithoutExtension(file))
        .Where(name => char.IsAsciiDigit(name[0]) && name != "13-kubectl-streaming-handshakes")
        .Order(StringComparer.Ordinal);

    public IEnumerable<JsonObject> Steps => Document["steps"]!.AsArray().OfType<JsonObject>();

    /// <summary>Those that were there before; not one that is made by a step.</summary>
    public IEnumerable<string> Namespaces => Texts("requires").Select(need => need.Split(' ')).Where(words => words[0] == "namespace").Select(words => words[1])
        .Where(name => !Steps.Any(step => step["request"] is { } request && request["method"]!.GetValue<string>() == "POST"
            && request["path"]!.GetValue<string>() == "/api/v1/namespaces" && request["body"]?["metadata"]?["name"]?.GetValue<string>() == name));

    public string Namespace => Namespaces.FirstOrDefault() ?? "default";

    public bool NeedsDefinition => Texts("notes").Any(note => note.StartsWith("the CRD virtualservices", StringComparison.Ordinal));

    /// <summary>Said in the notes; and one file simply has none.</summary>
    public bool WithoutManagedFields => Texts("notes").Any(note => note.StartsWith("managedFields removed", StringComparison.Ordinal)) || Name == "07-crd-update-delete";

    public static Transcript Read(string name) => new(name, (JsonObject)JsonNode.Parse(WithTemplateHashes(WithNamedHashes(File.ReadAllText(Path.Combine(Root, name + ".json")))))!);

    /// <summary>What a token stands for, by its placeholder; null when the file does not say.</summary>
    public JsonNode? Decoded(string placeholder) =>
        Document["continueTokens"]?[placeholder]?["base64urlOfJson"] ?? Document["jwts"]?[placeholder]?["payload"];

    /// <summary>
    /// Hashes of pod templates are kept in recordings, but they are of what Go prints of its own struct; here any will do that
    /// is the same for the same template.
    /// </summary>
    private static string WithTemplateHashes(string text)
    {
        var hashes = TemplateHash().Matches(text).Select(match => match.Groups[1].Value).Distinct().ToList();
        for (var i = 0; i < hashes.Count; i++)
            text = text.Replace(hashes[i], $"<template-hash:{i + 1}>", StringComparison.Ordinal);
        return text;
    }

    [GeneratedRegex("\"(?:pod-template-hash|controller-revision-hash)\": \"(?:[a-z]+-)?([bcdfghjklmnpqrstvwxz2456789]{5,10})\"")]
    private static partial Regex TemplateHash();

    private IEnumerable<string> Texts(string name) => (Document[name] as JsonArray ?? []).Select(text => text!.GetValue<string>());

    /// <summary>The hash of an OpenAPI document is another for another document: a value like those that the recording numbers itself.</summary>
    private static string WithNamedHashes(string text)
    {
        var numbers = new Dictionary<string, int>();
        return Hash().Replace(text, match => $"<hash:{(numbers.TryGetValue(match.Value, out var number) ? number : numbers[match.Value] = numbers.Count + 1)}>");
    }

    [GeneratedRegex("[0-9A-F]{128}")]
    private static partial Regex Hash();
}
