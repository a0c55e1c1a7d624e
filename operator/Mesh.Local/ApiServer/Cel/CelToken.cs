namespace Mesh.Local.ApiServer.Cel;

internal enum CelTokenKind
{
    Identifier,
    Integer,
    Decimal,
    Text,
    Symbol,
    End,
}

/// <summary>One token and where it stands.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position);
