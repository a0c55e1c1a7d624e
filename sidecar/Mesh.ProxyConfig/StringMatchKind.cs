namespace Mesh.Config;

/// <summary>How a string is compared.</summary>
public enum StringMatchKind
{
    /// <summary>Equal, byte for byte.</summary>
    Exact,

    /// <summary>Starts with: a plain string prefix, <c>/foo</c> matches <c>/foobar</c>.</summary>
    Prefix,

    /// <summary>RE2 syntax; must match the whole value.</summary>
    Regex,
}
