namespace Mesh.Config.Formats;

/// <summary>Something that a sidecar could not be told, because it came in a later format than it reads.</summary>
/// <param name="Section">Name of the section.</param>
/// <param name="Path">Where in it, for example <c>virtualHosts[0].routes[2].mirrors[0].share</c>; empty for the whole section.</param>
/// <param name="Origin">The rule it comes from, as <see cref="Route.Origin"/> says it; empty where nothing says so.</param>
/// <param name="Since">The first format that has it.</param>
/// <param name="Refuses">It is refused by the sidecar for that, rather than let through.</param>
public sealed record FormatLoss(string Section, string Path, string Origin, int Since, bool Refuses);
