using Podfence.Rulesets;


namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The dataplane over iptables and ipset. Remembers which fences the node has and who is behind them, but no element of a set of peers.
/// </summary>
/// <remarks>
/// iptables and ipset cannot change in one transaction, so a change is a sequence of runs whose order is chosen such that every moment between two of them is as good as
/// the one before or the one afterwards for every flow: see <see cref="MakeBeforeBreakPlan"/> and <see cref="ShadowSetPlan"/>.
/// </remarks>
public sealed class IptablesDataplane : IDataplane
{
    private readonly IIptables _xtables;
    private readonly DriftWatch _drift;

    // Null until the first replacement, and again after a failure or a difference: nothing can be built on what the kernel holds.
    private AppliedState? _node;

    /// <summary>Makes the dataplane.</summary>
    /// <param name="xtables">What it works with; disposed with it.</param>
    /// <param name="time">Paces the looks for drift.</param>
    public IptablesDataplane(IIptables xtables, TimeProvider? time = null)
    {
        _xtables = xtables;
        _drift = new DriftWatch(xtables, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public void Replace(Ruleset ruleset)
    {
        _node = null;
        var desired = IptLowering.Lower(ruleset);
        Run(ReplacePlan.Make(_xtables.Read(), desired), waits: ruleset.Options.UnknownPodIps == UnknownPodIps.Deny);
        _drift.Expect(desired);
        _node = new AppliedState(ruleset);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Only <see cref="Replace"/> may be called now.</exception>
    public void Apply(RulesetDelta delta)
    {
        var node = _node ?? throw new InvalidOperationException("what the kernel holds is not known: only a replacement may follow");
        if (delta.IsEmpty)
        {
            return;
        }

        // From here on a failure of any kind leaves the kernel unknown.
        _node = null;
        var steps = node.Next(delta, out var change);
        Run(steps, waits: change.Unknown is not null);
        _drift.Expect(change);
        _node = node;
    }

    /// <inheritdoc/>
    public bool IsPresent() => _xtables.Read().Tables.Values.Any(static table => table.Chains.Count > 0);

    /// <inheritdoc/>
    public bool MayHaveDrifted() => _node is null || _drift.Look();

    /// <inheritdoc/>
    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        var generation = _xtables.Generation();
        var differences = IptDiff.Describe(IptLowering.Lower(ruleset), _xtables.Read());
        if (differences.Count > 0)
        {
            _node = null;
        }
        else
        {
            _drift.Saw(generation);
        }

        return differences;
    }

    /// <inheritdoc/>
    public void Cleanup()
    {
        _node = null;
        Run(CleanupPlan.Make(_xtables.Read()), waits: false);
    }

    /// <inheritdoc/>
    public void Dispose() => _xtables.Dispose();

    // A packet that has seen an address known is past the fences before the next step takes its fence away; one that has seen it unknown is gone.
    private void Run(IReadOnlyList<IptStep> steps, bool waits)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (waits && i > 0)
            {
                _xtables.WaitForPackets();
            }

            switch (steps[i])
            {
                case SetStep sets:
                    _xtables.RestoreSets(sets.Script.ToString());
                    break;
                case TableStep table:
                    _xtables.RestoreTable(table.Family, table.Script.ToString());
                    break;
            }
        }
    }
}
