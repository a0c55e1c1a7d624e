using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning;

/// <summary>The clusters of a Service as they are told, and the credentials they need; one that was not read yet has no hash.</summary>
internal sealed record PlannedClusters(Section Section, ImmutableArray<CredentialRef> Credentials);
