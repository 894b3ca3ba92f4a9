using Podfence.Rulesets;


namespace Podfence.Dataplane;

/// <summary>A dataplane that removes what others have left, once its own rules are in force. What cannot be removed does no harm (it only refuses more), and is tried again when the kernel is read next.</summary>
internal sealed class SweepingDataplane(IDataplane inner, Action sweep) : IDataplane
{
    private bool _swept;

    public void Replace(Ruleset ruleset)
    {
        inner.Replace(ruleset);
        Sweep();
    }

    // The rules that replace what others have left are still to come.
    public void Guard(Ruleset ruleset) => inner.Guard(ruleset);

    public void Apply(RulesetDelta delta) => inner.Apply(delta);

    public bool IsPresent() => inner.IsPresent();

    public bool MayHaveDrifted() => inner.MayHaveDrifted();

    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        Sweep();
        return inner.Verify(ruleset);
    }

    public void Cleanup() => inner.Cleanup();

    public void Dispose() => inner.Dispose();

    private void Sweep()
    {
        if (_swept)
        {
            return;
        }

        try
        {
            sweep();
            _swept = true;
        }
        catch (DataplaneException)
        {
            // Next time.
        }
    }
}
