namespace Mesh.Local.ApiServer;

/// <summary>A request for objects, as it was answered.</summary>
/// <param name="User">Who asked.</param>
/// <param name="Method">HTTP's word for it.</param>
/// <param name="Resource">Plural and group of the kind, and the subresource: <c>pods/status</c>, <c>virtualservices.networking.istio.io</c>.</param>
/// <param name="Code">HTTP's code of the answer.</param>
public sealed record ApiCall(string User, string Method, string Resource, int Code);
