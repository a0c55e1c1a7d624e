using System.Collections.Immutable;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Selection;

/// <summary>Reads the text form: comma separated, "a", "!a", "a=b", "a==b", "a!=b", "a in (x,y)", "a notin (x,y)", "a&gt;1".</summary>
internal sealed class LabelSelectorParser(string text)
{
    private int position;

    public ImmutableArray<LabelRequirement> Read()
    {
        var found = ImmutableArray.CreateBuilder<LabelRequirement>();
        while (true)
        {
            found.Add(Requirement());
            if (End)
                return found.ToImmutable();
            Expect(',');
        }
    }

    private bool End
    {
        get
        {
            while (position < text.Length && char.IsWhiteSpace(text[position]))
                position++;
            return position >= text.Length;
        }
    }

    private LabelRequirement Requirement()
    {
        if (Take('!'))
            return new LabelRequirement(Key(), LabelOperator.NotExists, []);
        var key = Key();
        if (End || text[position] == ',')
            return new LabelRequirement(key, LabelOperator.Exists, []);
        if (Take('='))
        {
            Take('=');
            return new LabelRequirement(key, LabelOperator.In, [Word()]);
        }

        if (Take('!'))
        {
            Expect('=');
            return new LabelRequirement(key, LabelOperator.NotIn, [Word()]);
        }

        if (Take('>'))
            return new LabelRequirement(key, LabelOperator.Greater, [Word()]);
        if (Take('<'))
            return new LabelRequirement(key, LabelOperator.Less, [Word()]);
        return Word() switch
        {
            "in" => new LabelRequirement(key, LabelOperator.In, Set()),
            "notin" => new LabelRequirement(key, LabelOperator.NotIn, Set()),
            var other => throw Problem($"found '{other}', expected: in, notin, =, ==, !=, gt, lt"),
        };
    }

    private string Key()
    {
        var key = Word();
        return key.Length > 0 ? key : throw Problem($"found '{Rest}', expected: identifier");
    }

    private ImmutableArray<string> Set()
    {
        Expect('(');
        var values = ImmutableArray.CreateBuilder<string>();
        do
        {
            values.Add(Word());
        }
        while (Take(','));
        Expect(')');
        return values.ToImmutable();
    }

    private string Word()
    {
        if (End)
            return "";
        var start = position;
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && !"(),!=<>".Contains(text[position], StringComparison.Ordinal))
            position++;
        return text[start..position];
    }

    private bool Take(char expected)
    {
        if (End || text[position] != expected)
            return false;
        position++;
        return true;
    }

    private void Expect(char expected)
    {
        if (!Take(expected))
            throw Problem($"found '{Rest}', expected: '{expected}'");
    }

    private string Rest => position < text.Length ? text[position].ToString() : "";

    private static StatusException Problem(string detail) =>
        StatusException.BadRequest("unable to parse requirement: " + detail);
}
