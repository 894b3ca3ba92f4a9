using System.Reflection;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// Rules and elements carry what they were lowered from, which does not count when the kernel is compared. Their
/// equality is written by hand for that: a property that it forgets would be a change that is never written.
/// </summary>
public sealed class SourceEqualityTests
{
    public static TheoryData<string, string> Compared =>
        [
            .. Samples.SelectMany(static sample =>
                Properties(sample).Select(property => (sample.GetType().Name, property.Name))
            ),
        ];

    private static object[] Samples =>
        [
            new NftRule([new EstablishedMatch()], "a"),
            new NftElement(SetElement.Of(IpAddress.Parse("10.0.0.1")), default, NftVerdict.Return, "a"),
            new IptRule("-p tcp", new SetMatch("a", "src"), "a", "-j RETURN"),
        ];

    [Theory, MemberData(nameof(Compared))]
    public void Equals_AnotherValueOfAProperty_IsFalse(string type, string name)
    {
        var (sample, copy) = TwoOf(type);
        var property = sample.GetType().GetProperty(name)!;
        Assert.Equal(sample, copy);

        property.SetValue(copy, Another(property.GetValue(copy)));

        Assert.NotEqual(sample, copy);
    }

    [Theory]
    [InlineData(nameof(NftRule))]
    [InlineData(nameof(NftElement))]
    [InlineData(nameof(IptRule))]
    public void Equals_AnotherSource_IsTrue(string type)
    {
        var (sample, copy) = TwoOf(type);
        var fence = new Fence
        {
            Name = "ingress/v4/a",
            Direction = Direction.Ingress,
            Family = IpFamily.IPv4,
            Policies = [new PolicyKey("default", "a")],
        };

        sample.GetType().GetProperty(nameof(NftRule.Source))!.SetValue(copy, new RuleSource(fence, null, null));

        Assert.Equal(sample, copy);
        Assert.Equal(sample.GetHashCode(), copy.GetHashCode());
    }

    private static (object Sample, object Copy) TwoOf(string type) =>
        (
            Samples.First(sample => sample.GetType().Name == type),
            Samples.First(sample => sample.GetType().Name == type)
        );

    private static IEnumerable<PropertyInfo> Properties(object sample) =>
        sample.GetType().GetProperties().Where(static item => item.CanWrite && item.Name != nameof(NftRule.Source));

    private static object Another(object? value) =>
        value switch
        {
            string text => text + "x",
            bool flag => !flag,
            SetMatch match => match with { Set = "b" },
            SetElement => SetElement.Of(IpAddress.Parse("10.0.0.2")),
            PortRange => new PortRange(Protocol.Udp, 1, 2),
            NftVerdict => NftVerdict.Jump("b"),
            Podfence.Base.EquatableArray<NftStatement> => (Podfence.Base.EquatableArray<NftStatement>)
                [new LoopbackMatch()],
            _ => throw new InvalidOperationException($"say here what another value than {value} is"),
        };
}
