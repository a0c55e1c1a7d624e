namespace Mesh.Operator.Runtime;

public enum EventType
{
    Normal,
    Warning,
}
