namespace Mesh.Api;

/// <summary>A column of <c>kubectl get</c>, in the order written.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string jsonPath, string description) : Attribute
{
    /// <summary>The column's head.</summary>
    public string Name { get; } = name;

    /// <summary>Where the value is found.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>What it shows.</summary>
    public string Description { get; } = description;

    /// <summary>Kubernetes' type of the value: <c>string</c> (default), <c>date</c>, <c>integer</c>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>0 is always shown, 1 only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
