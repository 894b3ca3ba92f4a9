using Podfence.Rulesets;

namespace Podfence.Dataplane;

/// <summary>
/// A dataplane that removes the rules of other dataplanes once its own are in force. Rules that cannot be removed do no
/// harm (they only deny more); removing them is retried when the kernel is verified next.
/// </summary>
internal sealed class CleanupAfterSwitch(IDataplane inner, Action cleanup) : IDataplane
{
    private bool _isClean;

    public void Replace(Ruleset ruleset)
    {
        inner.Replace(ruleset);
        TryCleanup();
    }

    // The rules that replace those of the other dataplanes are still to come.
    public void LockDown(Ruleset ruleset) => inner.LockDown(ruleset);

    public void Apply(RulesetDelta delta) => inner.Apply(delta);

    public bool IsPresent() => inner.IsPresent();

    public bool MayHaveDrifted() => inner.MayHaveDrifted();

    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        TryCleanup();
        return inner.Verify(ruleset);
    }

    public void Cleanup() => inner.Cleanup();

    public void Dispose() => inner.Dispose();

    private void TryCleanup()
    {
        if (_isClean)
        {
            return;
        }

        try
        {
            cleanup();
            _isClean = true;
        }
        catch (DataplaneException)
        {
            // Retried by the next Verify.
        }
    }
}
