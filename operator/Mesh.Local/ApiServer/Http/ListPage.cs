using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Http;

/// <summary>A part of a list: what it holds, the revision it is good for, and how it goes on.</summary>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long Revision, string? Next = null, long? Remaining = null);
