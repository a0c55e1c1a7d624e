namespace Mesh.Local.ApiServer.Storage;

/// <summary>One write: what stood before, what stands after (null: not there), and its revision.</summary>
internal sealed record StoreEvent(long Revision, StoredObject? Before, StoredObject? After)
{
    public StoredObject Subject => After ?? Before!;
}
