using Mesh.Sidecar.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Sidecar.Tests.Forwarding;

public sealed class TryFailureTests
{
    // The client's connection is cut because the answer broke off: whether that is seen by the time of the verdict is chance.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_answer_that_broke_off_is_the_endpoints_doing_though_the_client_is_cut_for_it(bool clientGone) =>
        Assert.Equal(TryEnd.Reset, TryFailure.EndOf(ForwarderError.ResponseBodyDestination, new IOException("the response ended prematurely"), clientGone, timedOut: false, over: false));

    [Fact]
    public void A_copy_that_stopped_since_the_client_left_is_the_clients_doing() =>
        Assert.Equal(TryEnd.ClientGone, TryFailure.EndOf(ForwarderError.ResponseBodyCanceled, new OperationCanceledException(), clientGone: true, timedOut: false, over: false));
}
