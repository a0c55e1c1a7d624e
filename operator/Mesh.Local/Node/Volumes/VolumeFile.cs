namespace Mesh.Local.Node.Volumes;

/// <summary>One file of a volume.</summary>
internal sealed record VolumeFile(byte[] Content, UnixFileMode Mode);
