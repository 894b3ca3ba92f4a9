using Podfence.Dataplane.Iptables;
using Podfence.Rules;

namespace Podfence.Dataplane.Tests;

public sealed class IptablesDataplaneTests
{
    [Fact]
    public void Replace_UnknownAddressesClosed_IsRefusedInsteadOfLeftOpen()
    {
        using var dataplane = new IptablesDataplane(new FakeXtables());
        var failure = Assert.Throws<DataplaneException>(() => dataplane.Replace(Ruleset.Empty(new RulesetOptions { UnknownAddresses = UnknownAddresses.Closed })));
        Assert.Equal(DataplaneFailure.NotSupported, failure.Failure);
        Assert.Contains("choose nftables", failure.Message, StringComparison.Ordinal);
    }
}
