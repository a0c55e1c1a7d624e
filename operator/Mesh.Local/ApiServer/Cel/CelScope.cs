namespace Mesh.Local.ApiServer.Cel;

/// <summary>A node of an expression, ready to be evaluated.</summary>
internal delegate object? CelNode(CelScope scope);

/// <summary>The variables in sight; a macro adds its own in front.</summary>
internal sealed class CelScope
{
    private readonly CelScope? outer;
    private readonly string name;
    private readonly object? value;

    private CelScope(CelScope? outer, string name, object? value)
    {
        this.outer = outer;
        this.name = name;
        this.value = value;
    }

    public static CelScope Empty { get; } = new(null, "", null);

    public CelScope With(string variable, object? its) => new(this, variable, its);

    public object? Find(string variable)
    {
        for (var scope = this; scope is not null; scope = scope.outer)
        {
            if (scope.name == variable)
                return scope.value;
        }

        throw new CelException($"no such variable: {variable}");
    }
}
