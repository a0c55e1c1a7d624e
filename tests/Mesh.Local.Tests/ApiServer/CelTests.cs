using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Schema.Cel;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Rules in CEL: the language, and how they are held against an object.</summary>
public sealed class CelTests
{
    private const string Self = """{"a":1,"b":"text","c":[1,2,3],"d":{"x":true},"e-f":5,"g":1.5,"h":null,"l":["p","q"]}""";

    [Theory]
    [InlineData("self.a == 1 && self.b == 'text'")]
    [InlineData("has(self.a) && !has(self.nope) && !has(self.h)")]
    [InlineData("!has(self.nope) || self.nope == 1")]
    [InlineData("self.c.all(x, x > 0) && self.c.exists(x, x == 2) && self.c.exists_one(x, x == 3)")]
    [InlineData("self.c.filter(x, x > 1).size() == 2 && self.c.map(x, x * 2) == [2, 4, 6]")]
    [InlineData("[has(self.a), has(self.nope)].filter(given, given).size() <= 1")]
    [InlineData("self.c.map(x, x > 1, x * 10) == [20, 30]")]
    [InlineData("self.a in self.c && 'x' in self.d && !('y' in self.d)")]
    [InlineData("self.e__dash__f == 5 && self.d['x']")]
    [InlineData("self.g > self.a && self.g == 1.5 && 1 == 1.0")]
    [InlineData("duration('90s') == duration('1m30s') && duration('0.5s') >= duration('1ms')")]
    [InlineData("timestamp('2026-01-01T00:00:00Z') + duration('1h') == timestamp('2026-01-01T01:00:00Z')")]
    [InlineData("self.b.startsWith('te') && self.b.endsWith('xt') && self.b.matches('^t.x') && self.b.size() == 4")]
    [InlineData("self.l.join('-') == 'p-q' && 'a,b'.split(',') == ['a', 'b'] && self.b.upperAscii() == 'TEXT'")]
    [InlineData("1 + 2 * 3 == 7 && -(1 - 2) == 1 && 7 / 2 == 3 && 7 % 2 == 1")]
    [InlineData("self.a > 5 ? false : true")]
    [InlineData("true || self.nope == 1")]
    [InlineData("self.nope == 1 || true")]
    [InlineData("!(self.nope == 1 && false)")]
    [InlineData("self.c.exists(x, 1 / (x - 1) == 1)")]
    [InlineData("{'k': 1}.k == 1 && {'k': 1}['k'] == 1")]
    [InlineData("'say \\'hi\\' \\u0041' == \"say 'hi' A\" && r'\\d' == '\\\\d'")]
    [InlineData("self.?a.orValue(9) == 1 && self.?nope.orValue(9) == 9 && self.?d.x.orValue(false) && !self.?nope.deeper.hasValue()")]
    [InlineData("self.c[?0].value() == 1 && !self.c[?9].hasValue() && self.d[?'y'].or(optional.of(true)).value()")]
    [InlineData("sets.contains(self.c, [1, 2]) && !sets.contains([1], self.c) && sets.equivalent([1, 1], [1]) && sets.intersects(self.c, [3, 9])")]
    [InlineData("'%s has %d of %s, 100%%'.format(['x', 2, self.l]) == 'x has 2 of [p, q], 100%'")]
    [InlineData("self.d == {'x': true} && {'x': true} == self.d && self.d != {} && 'p,q'.findAll('[a-z]') == self.l")]
    [InlineData("size(self.d) == 1 && size('äö') == 2 && string(5) == '5' && int('7') == 7")]
    public void An_expression_that_holds(string expression) => Assert.Equal(true, Value(expression));

    [Theory]
    [InlineData("self.nope == 1", "no such key: nope")]
    [InlineData("self.c[9] == 1", "index out of bounds")]
    [InlineData("duration('5 apples') > duration('1s')", "invalid duration")]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("'a' < 1", "no such overload")]
    [InlineData("9223372036854775807 + 1 > 0", "integer overflow")]
    [InlineData("self.?nope.value()", "optional.none() dereference")]
    [InlineData("'%d'.format(['x'])", "can only be used on integers")]
    [InlineData("'%s %s'.format(['x'])", "out of range")]
    [InlineData("self.", "a name is expected")]
    [InlineData("(self.a", "')' is expected")]
    [InlineData("self.a == 'x", "does not end")]
    [InlineData("unknown", "undeclared reference")]
    public void An_expression_without_a_value_says_why(string expression, string reason) =>
        Assert.Contains(reason, Assert.Throws<CelError>(() => Value(expression)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a == b && !c", "bool")]
    [InlineData("a ? 'x' : 'y'", "string")]
    [InlineData("a ? 'x' : b", "dyn")]
    [InlineData("'x' + a", "string")]
    [InlineData("a.b.c", "dyn")]
    [InlineData("typed.flag", "bool")]
    [InlineData("typed.?flag", "optional_type")]
    [InlineData("typed.count + 1", "int")]
    [InlineData("[a].map(x, x)", "list")]
    public void What_an_expression_comes_out_as_is_told_by_its_form(string expression, string type) => Assert.Equal(type, CelTypes.Of(
        CelParser.Parse(expression), new Dictionary<string, JsonElement?>
        {
            ["typed"] = Json("""{"type":"object","properties":{"flag":{"type":"boolean"},"count":{"type":"integer"}}}"""),
        }));

    [Fact]
    public void A_variable_is_evaluated_when_asked_for_and_fails_only_who_asks()
    {
        var scope = new Dictionary<string, object?>();
        scope["variables"] = new CelVariables(new Dictionary<string, string> { ["one"] = "1", ["two"] = "variables.one + 1", ["broken"] = "1 / 0" }, scope);
        Assert.Equal(3L, CelEvaluation.Of(CelParser.Parse("variables.one + variables.two"), scope));
        Assert.Equal(true, CelEvaluation.Of(CelParser.Parse("true || variables.broken == 1"), scope));
        Assert.Contains("composited variable \"broken\" fails to evaluate: division by zero", Assert.Throws<CelError>(() => CelEvaluation.Of(CelParser.Parse("variables.broken"), scope)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_before_it_exhausts_the_stack() =>
        Assert.Throws<CelError>(() => CelParser.Parse(new string('(', 10_000) + "true" + new string(')', 10_000)));

    [Fact]
    public void A_rule_about_everything_with_everything_ends()
    {
        var list = "[" + string.Join(',', Enumerable.Range(0, 2000)) + "]";
        var error = Assert.Throws<CelError>(() => CelEvaluation.Of(CelParser.Parse("self.all(x, self.all(y, x + y >= 0))"), new Dictionary<string, object?> { ["self"] = CelValues.From(Json(list), null) }));
        Assert.Contains("cost limit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_rule_names_its_field_and_message()
    {
        var schema = """
            {"type":"object","x-kubernetes-validations":[{"rule":"!has(self.b) || has(self.a)","message":"b needs a"},{"rule":"!has(self.n) || self.n > 2","fieldPath":".n","reason":"FieldValueForbidden","messageExpression":"'n is ' + string(self.n)"}],
             "properties":{"b":{"type":"string"},"n":{"type":"integer"},"t":{"type":"string","x-kubernetes-validations":[{"rule":"duration(self) >= duration('1ms')"}]},
               "l":{"type":"array","items":{"type":"object","properties":{"v":{"type":"integer","x-kubernetes-validations":[{"rule":"self > 0","message":"positive"}]}}}}}}
            """;

        Assert.Equal(
            [
                ("", "Invalid value: b needs a"), ("n", "Forbidden: n is 1"),
                ("t", "Invalid value: \"1us\": failed rule: duration(self) >= duration('1ms')"), ("l[1].v", "Invalid value: 0: positive"),
            ],
            Broken(schema, """{"b":"x","n":1,"t":"1us","l":[{"v":1},{"v":0}]}"""));
        Assert.Empty(Broken(schema, """{"a":"y","b":"x","n":3,"t":"5s","l":[{"v":1}]}"""));
    }

    [Fact]
    public void A_rule_about_a_change_holds_where_nothing_was_before()
    {
        const string Schema = """{"type":"object","properties":{"i":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"immutable"}]}}}""";

        Assert.Empty(Broken(Schema, """{"i":"one"}"""));
        Assert.Empty(Broken(Schema, """{"i":"one"}""", """{"i":"one"}"""));
        Assert.Empty(Broken(Schema, """{"i":"one"}""", "{}"));
        Assert.Equal([("i", "Invalid value: \"two\": immutable")], Broken(Schema, """{"i":"two"}""", """{"i":"one"}"""));
    }

    private static List<(string, string)> Broken(string schema, string value, string? before = null)
    {
        var problems = new List<FieldProblem>();
        CelRules.Add(problems, Json(schema), Json(value), before is null ? null : Json(before), "");
        return [.. problems.Select(p => (p.Field, p.Message))];
    }

    private static object? Value(string expression) =>
        CelEvaluation.Of(CelParser.Parse(expression), new Dictionary<string, object?> { ["self"] = CelValues.From(Json(Self), null) });

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
