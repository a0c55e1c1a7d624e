using System.ComponentModel.DataAnnotations;

namespace Mesh.Api;

/// <summary>A port number: 1 to 65535 (the schema lets 0 pass as Istio's does; the validator does not).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortAttribute() : RangeAttribute(0, 65535);
