using System.Net;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>Where a webhook is: the address to post to as it is shown, its host, and where that is when the name alone does not say it.</summary>
internal sealed record WebhookTarget(string Url, Uri Host, EndPoint? Address);
