namespace Mesh.Config;

/// <summary>A header to be written.</summary>
/// <param name="Name">Lower-case name.</param>
/// <param name="Value">Its value; <c>%WORD%</c> operators of Envoy that Mesh knows are filled in, <c>%%</c> is a percent sign.</param>
public sealed record HeaderValue(string Name, string Value);
