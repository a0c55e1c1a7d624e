namespace Mesh.Config;

/// <summary>Name and content hash of one section.</summary>
/// <param name="Name">For example <c>routes/9080</c> or <c>endpoints/reviews.default.svc.cluster.local</c>.</param>
/// <param name="Hash">First 128 bits of the SHA-256 of the section's bytes, lower-case hex.</param>
public sealed record SectionRef(string Name, string Hash);
