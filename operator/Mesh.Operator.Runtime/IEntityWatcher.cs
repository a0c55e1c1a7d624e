namespace Mesh.Operator.Runtime;

/// <summary>What all watchers have in common, whatever their kind.</summary>
public interface IEntityWatcher
{
    /// <summary>The kind watched.</summary>
    string Kind { get; }

    /// <summary>Done when every object of the first list has been reconciled once.</summary>
    Task Synced { get; }

    /// <summary>How long the object at hand has been worked on; null between objects.</summary>
    TimeSpan? Turning { get; }
}
