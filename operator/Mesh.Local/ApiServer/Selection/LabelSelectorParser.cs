using System.Collections.Immutable;
using System.Globalization;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Selection;

/// <summary>
/// Reads the text form: comma separated, "a", "!a", "a=b", "a==b", "a!=b", "a in (x,y)", "a notin (x,y)", "a&gt;1". What is
/// wrong is said in the words of Kubernetes' own parser, since clients show them.
/// </summary>
internal sealed class LabelSelectorParser(string text)
{
    private readonly List<LabelToken> tokens = [.. LabelTokens.Of(text)];
    private int position;

    public ImmutableArray<LabelRequirement> Read()
    {
        var found = ImmutableArray.CreateBuilder<LabelRequirement>();
        while (true)
        {
            if (Next == LabelToken.End)
                return found.ToImmutable();
            if (!Next.IsWord && !Next.Is("!"))
                throw StatusException.BadRequest($"found '{Next.Text}', expected: !, identifier, or 'end of string'");
            found.Add(Requirement());
            var after = Take();
            if (after == LabelToken.End)
                return found.ToImmutable();
            if (!after.Is(","))
                throw StatusException.BadRequest($"found '{after.Text}', expected: ',' or 'end of string'");
            if (!Next.IsWord && !Next.Is("!"))
                throw StatusException.BadRequest($"found '{Next.Text}', expected: identifier after ','");
        }
    }

    private LabelToken Next => position < tokens.Count ? tokens[position] : LabelToken.End;

    private LabelToken Take()
    {
        var token = Next;
        position++;
        return token;
    }

    private LabelRequirement Requirement()
    {
        var absent = Next.Is("!");
        if (absent)
            Take();
        var key = Identifier();
        Check("<nil>", key, LabelSyntax.KeyProblem(key));
        if (absent)
            return new LabelRequirement(key, LabelOperator.NotExists, []);
        if (Next == LabelToken.End || Next.Is(","))
            return new LabelRequirement(key, LabelOperator.Exists, []);
        var requirement = Operator() switch
        {
            "=" or "==" => new LabelRequirement(key, LabelOperator.In, [Value()]),
            "!=" => new LabelRequirement(key, LabelOperator.NotIn, [Value()]),
            "in" => new LabelRequirement(key, LabelOperator.In, Values()),
            "notin" => new LabelRequirement(key, LabelOperator.NotIn, Values()),
            ">" => new LabelRequirement(key, LabelOperator.Greater, [Number()]),
            _ => new LabelRequirement(key, LabelOperator.Less, [Number()]),
        };
        for (var i = 0; i < requirement.Values.Length; i++)
            Check($"values[{i}][{key}]", requirement.Values[i], LabelSyntax.ValueProblem(requirement.Values[i]));
        return requirement;
    }

    private string Operator()
    {
        var token = Take();
        return token.Text is "in" or "notin" or "=" or "==" or "!=" or ">" or "<"
            ? token.Text
            : throw Problem($"found '{token.Text}', expected: in, notin, =, ==, !=, gt, lt");
    }

    private string Identifier()
    {
        var token = Take();
        return token.IsWord ? token.Text : throw Problem($"found '{token.Text}', expected: identifier");
    }

    /// <summary>Nothing after the sign is the empty value.</summary>
    private string Value() => Next == LabelToken.End || Next.Is(",") ? "" : Identifier();

    private string Number()
    {
        var value = Value();
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            ? value
            : throw Problem($"values[0]: Invalid value: {FieldProblem.Quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer");
    }

    private ImmutableArray<string> Values()
    {
        if (Take() is var open && !open.Is("("))
            throw Problem($"found '{open.Text}' expected: '('");
        if (Next.Is(")"))
        {
            Take();
            return [""];
        }

        if (!Next.IsWord && !Next.Is(","))
            throw Problem($"found '{Next.Text}', expected: ',', ')' or identifier");
        return List();
    }

    /// <summary>Up to the closing bracket; between two commas stands the empty value.</summary>
    private ImmutableArray<string> List()
    {
        var values = ImmutableArray.CreateBuilder<string>();
        while (true)
        {
            values.Add(Next.IsWord ? Take().Text : "");
            var token = Take();
            if (token.Is(")"))
                return [.. values.Distinct()];
            if (!token.Is(","))
                throw Problem($"found '{token.Text}', expected: ',' or ')'");
        }
    }

    /// <summary>A selector that can never match is refused.</summary>
    private static void Check(string place, string text, string? problem)
    {
        if (problem is not null)
            throw Problem($"{place}: Invalid value: {FieldProblem.Quote(text)}: {problem}");
    }

    private static StatusException Problem(string detail) =>
        StatusException.BadRequest("unable to parse requirement: " + detail);
}
