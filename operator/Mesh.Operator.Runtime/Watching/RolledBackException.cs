namespace Mesh.Operator.Runtime;

/// <summary>
/// The API server's store was put back to an earlier state. Everything this process remembers (what it wrote, numbers it gave,
/// versions it saw) may be of what is no more, so it ends and begins anew from what is there, as after any restart.
/// </summary>
public sealed class RolledBackException(ResourceKind kind, string seen, string current) : Exception(
    $"The API server's state is older than what was seen of it ({kind.Plural}: resourceVersion {current}, seen {seen}): its store was put back. This process ends, the next one reads everything anew; sidecars go on by what they hold.");
