using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// Checks packets at every intermediate state of a change: each has the verdict from before the change or the one from
/// afterwards.
/// </summary>
internal sealed class IntermediateStateWatch
{
    private readonly FakeIptables _kernel;
    private readonly IptSimulator _simulator;
    private readonly List<(string Hook, Packet Packet, bool Before, bool After)> _packets = [];

    public IntermediateStateWatch(FakeIptables kernel, Ruleset before, Ruleset after, int seed)
    {
        _kernel = kernel;
        _simulator = new IptSimulator(kernel);
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var family = random.Next(3) == 0 ? IpFamily.IPv6 : IpFamily.IPv4;
            var packet = Packet.Of(
                RandomRulesets.Address(family, random.Next(11)),
                RandomRulesets.Address(family, random.Next(11)),
                random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp,
                random.Next(13)
            );
            var (name, hook) = random.Next(4) == 0 ? ("INPUT", HookPoint.Input) : ("FORWARD", HookPoint.Forward);
            _packets.Add(
                (name, packet, PlainVerdicts.Allows(before, hook, packet), PlainVerdicts.Allows(after, hook, packet))
            );
        }
    }

    public int Seen { get; private set; }

    public void Begin() => _kernel.Changed = Check;

    public void End() => _kernel.Changed = null;

    /// <summary>Asserts the verdicts after the change.</summary>
    public void AssertAfter()
    {
        foreach (var (hook, packet, _, after) in _packets)
        {
            Assert.True(
                (_simulator.Trace(hook, packet) == PacketVerdict.Accepted) == after,
                $"{hook} {packet}: should be {after} afterwards"
            );
        }
    }

    private void Check()
    {
        Seen++;
        foreach (var (hook, packet, before, after) in _packets)
        {
            var passes = _simulator.Trace(hook, packet) == PacketVerdict.Accepted;
            if (passes != before && passes != after)
            {
                throw new InvalidOperationException(
                    $"state {Seen}: {hook} {packet} is {(passes ? "allowed" : "denied")}, and was and will be "
                        + $"{(before ? "allowed" : "denied")}"
                );
            }
        }
    }
}
