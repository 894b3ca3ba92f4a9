using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation.Tests;

public sealed class KnownPodIpsTests
{
    private static readonly IpAddress s_web = IpAddress.Parse("10.0.1.1");
    private static readonly IpAddress s_stray = IpAddress.Parse("10.0.1.9");
    private readonly ClusterState _state = new();

    public KnownPodIpsTests()
    {
        _state.Upsert(Node("n1", "10.0.1.0/24"));
        _state.Upsert(Pod("web", "10.0.1.1", "n1"));
        _state.Upsert(Pod("elsewhere", "10.0.2.1", "n1"));
        _state.Upsert(Pod("stray", "10.0.1.9", "n2"));
    }

    [Fact]
    public void Snapshot_DenyUnknownPodIps_HasTheAddressesOfPodsInTheRanges()
    {
        var ruleset = Compiler().Snapshot();

        Assert.Equal("10.0.1.0-10.0.1.255", string.Join(' ', ruleset.PodRanges));
        Assert.Equal([s_web, s_stray], ruleset.KnownPodIps.Order());
    }

    [Fact]
    public void Snapshot_AllowUnknownPodIps_HasNoRanges()
    {
        var ruleset = new NodeCompiler(_state, "n1").Snapshot();

        Assert.True(ruleset.PodRanges.IsEmpty);
        Assert.Empty(ruleset.KnownPodIps);
    }

    [Fact]
    public void Flush_PodFinished_RemovesItsAddress()
    {
        var compiler = Compiler();
        _state.Upsert(Pod("web", "10.0.1.1", "n1") with { Phase = PodPhase.Succeeded });

        var delta = compiler.Flush();

        Assert.Equal([s_web], delta.KnownPodIps.Removed);
        Assert.Empty(delta.KnownPodIps.Added);
        Assert.False(delta.IsEmpty);
    }

    [Fact]
    public void Flush_AddressMovedToAnotherPod_IsEmpty()
    {
        var compiler = Compiler();
        _state.RemovePod(new PodKey("default", "web"));
        _state.Upsert(Pod("next", "10.0.1.1", "n1"));

        Assert.True(compiler.Flush().IsEmpty);
    }

    [Fact]
    public void Flush_NodeRangesChanged_HasRangesAndTheirAddresses()
    {
        var compiler = Compiler();
        _state.Upsert(Node("n1", "10.0.2.0/24"));

        var delta = compiler.Flush();

        Assert.Equal("10.0.2.0-10.0.2.255", Assert.Single(delta.PodRanges.Added).ToString());
        Assert.Equal("10.0.1.0-10.0.1.255", Assert.Single(delta.PodRanges.Removed).ToString());
        Assert.Equal([IpAddress.Parse("10.0.2.1")], delta.KnownPodIps.Added);
        Assert.Equal([s_web, s_stray], delta.KnownPodIps.Removed.Order());
        Assert.True(compiler.Flush().IsEmpty);
    }

    [Fact]
    public void Flush_NodeRemovedAndAdded_IsEmpty()
    {
        var compiler = Compiler();
        _state.RemoveNode("n1");
        _state.Upsert(Node("n1", "10.0.1.0/24"));

        Assert.True(compiler.Flush().IsEmpty);
    }

    [Fact]
    public void Flush_PodAddedBeforeItsRange_IsKnownWithTheRange()
    {
        _state.Upsert(Node("n1"));
        var compiler = Compiler();
        _state.Upsert(Pod("late", "10.0.3.1", "n1"));
        _state.Upsert(Node("n1", "10.0.3.0/24"));

        Assert.Equal([IpAddress.Parse("10.0.3.1")], compiler.Flush().KnownPodIps.Added);
    }

    private static Node Node(string name, params string[] cidrs) =>
        new() { Name = name, PodCidrs = cidrs.Select(Cidr.Parse).ToEquatableArray() };

    private static Pod Pod(string name, string address, string node) =>
        new()
        {
            Key = new PodKey("default", name),
            NodeName = node,
            Phase = PodPhase.Running,
            Addresses = [IpAddress.Parse(address)],
        };

    private NodeCompiler Compiler()
    {
        var compiler = new NodeCompiler(
            _state,
            "n1",
            new CompilerOptions { Ruleset = new RulesetOptions { UnknownPodIps = UnknownPodIps.Deny } }
        );
        compiler.Flush();
        return compiler;
    }
}
