using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class ExternalRangesTests
{
    [Fact]
    public void Of_BlockWithException_CutsAtEveryEdge()
    {
        var policy = new NetworkPolicy
        {
            Key = new("ns", "p"),
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule([new IpBlockPeer(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")])], default),
            ],
        };

        Assert.Equal(
            [
                "0.0.0.0-9.255.255.255",
                "10.0.0.0/16",
                "10.1.0.0/16",
                "10.2.0.0-10.255.255.255",
                "11.0.0.0-255.255.255.255",
            ],
            ExternalRanges.Of([policy], Direction.Ingress, IpFamily.IPv4).Select(ExternalRanges.Text)
        );
        Assert.Equal(
            ["::/0"],
            ExternalRanges.Of([policy], Direction.Ingress, IpFamily.IPv6).Select(ExternalRanges.Text)
        );
        Assert.Equal(
            ["0.0.0.0/0"],
            ExternalRanges.Of([policy], Direction.Egress, IpFamily.IPv4).Select(ExternalRanges.Text)
        );
    }
}
