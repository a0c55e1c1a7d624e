namespace Mesh.Init;

/// <summary>The two families of rules, each loaded by its own program.</summary>
public enum IpFamily
{
    V4,
    V6,
}
