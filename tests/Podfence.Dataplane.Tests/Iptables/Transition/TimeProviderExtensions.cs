using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// Watches packets through every moment of a change: one that fares alike before and after must not fare otherwise in between, and none may fare as neither.
/// </summary>
internal sealed class MomentWatch
{
    private readonly FakeXtables _kernel;
    private readonly XtSimulator _simulator;
    private readonly List<(string Hook, Packet Packet, bool Before, bool After)> _packets = [];

    public MomentWatch(FakeXtables kernel, Ruleset before, Ruleset after, int seed)
    {
        _kernel = kernel;
        _simulator = new XtSimulator(kernel);
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var family = random.Next(3) == 0 ? IpFamily.IPv6 : IpFamily.IPv4;
            var packet = Packet.Of(
                RandomRulesets.Address(family, random.Next(11)), RandomRulesets.Address(family, random.Next(11)), random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp, random.Next(13));
            var (name, hook) = random.Next(4) == 0 ? ("INPUT", HookPoint.Input) : ("FORWARD", HookPoint.Forward);
            _packets.Add((name, packet, PlainVerdicts.Allows(before, hook, packet), PlainVerdicts.Allows(after, hook, packet)));
        }
    }

    public int Seen { get; private set; }

    public void Begin() => _kernel.Changed = Look;

    public void End() => _kernel.Changed = null;

    /// <summary>How packets fare when all is done.</summary>
    public void AssertAfter()
    {
        foreach (var (hook, packet, _, after) in _packets)
        {
            Assert.True((_simulator.Trace(hook, packet) == PacketFate.Accepted) == after, $"{hook} {packet}: should be {after} afterwards");
        }
    }

    private void Look()
    {
        Seen++;
        foreach (var (hook, packet, before, after) in _packets)
        {
            var passes = _simulator.Trace(hook, packet) == PacketFate.Accepted;
            if (passes != before && passes != after)
            {
                throw new InvalidOperationException($"moment {Seen}: {hook} {packet} is {(passes ? "allowed" : "denied")}, and was and will be {(before ? "allowed" : "denied")}");
            }
        }
    }
}
