using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The dataplane over iptables and ipset. Remembers the fences of the node and the addresses attached to them, but no
/// element of a peer set.
/// </summary>
/// <remarks>
/// iptables and ipset cannot change in one transaction, so a change is a sequence of runs. Their order is such that
/// between any two runs every flow has the verdict it had before the change or the one it has afterwards: see
/// <see cref="MakeBeforeBreakPlan"/> and <see cref="ShadowSetPlan"/>.
/// </remarks>
public sealed class IptablesDataplane : IDataplane
{
    private readonly IIptables _iptables;
    private readonly DriftWatch _drift;

    // Null until the first replacement, and again after a failure or a difference: the rules in the kernel are not
    // known.
    private AppliedState? _node;

    /// <param name="iptables">The tools; disposed with it.</param>
    /// <param name="time">Paces drift checks.</param>
    public IptablesDataplane(IIptables iptables, TimeProvider? time = null)
    {
        _iptables = iptables;
        _drift = new DriftWatch(iptables, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public void Replace(Ruleset ruleset)
    {
        _node = null;
        var desired = IptLowering.Lower(ruleset);
        Run(ReplacePlan.Make(_iptables.Read(), desired), waits: ruleset.Options.UnknownPodIps == UnknownPodIps.Deny);
        _drift.Expect(desired);
        _node = new AppliedState(ruleset);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Only <see cref="Replace"/> may be called.</exception>
    public void Apply(RulesetDelta delta)
    {
        var node = _node
            ?? throw new InvalidOperationException("the rules in the kernel are not known: call Replace first");
        if (delta.IsEmpty)
        {
            return;
        }

        // From here on a failure of any kind leaves the rules in the kernel unknown.
        _node = null;
        var steps = node.Next(delta, out var change);
        Run(steps, waits: change.Unknown is not null);
        _drift.Expect(change);
        _node = node;
    }

    /// <inheritdoc/>
    public void LockDown(Ruleset ruleset) => Replace(ruleset);

    /// <inheritdoc/>
    public bool IsPresent() => _iptables.Read().Tables.Values.Any(static table => table.Chains.Count > 0);

    /// <inheritdoc/>
    public bool MayHaveDrifted() => _node is null || _drift.Check();

    /// <inheritdoc/>
    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        var generation = _iptables.Generation();
        var differences = IptDiff.Describe(IptLowering.Lower(ruleset), _iptables.Read());
        if (differences.Count > 0)
        {
            _node = null;
        }
        else
        {
            _drift.Verified(generation);
        }

        return differences;
    }

    /// <inheritdoc/>
    public void Cleanup()
    {
        _node = null;
        Run(CleanupPlan.Make(_iptables.Read()), waits: false);
    }

    /// <inheritdoc/>
    public void Dispose() => _iptables.Dispose();

    // A packet that saw a pod IP as known has passed the fences before the next step removes its fence; one that saw it
    // as unknown was dropped.
    private void Run(IReadOnlyList<IptStep> steps, bool waits)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (waits && i > 0)
            {
                _iptables.WaitForPackets();
            }

            switch (steps[i])
            {
                case SetStep sets:
                    _iptables.RestoreSets(sets.Script.ToString());
                    break;
                case TableStep table:
                    _iptables.RestoreTable(table.Family, table.Script.ToString());
                    break;
            }
        }
    }
}
