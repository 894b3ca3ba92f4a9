using Podfence.Dataplane.Nftables;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>When the rules of other dataplanes are removed.</summary>
public sealed class CleanupAfterSwitchTests : IDisposable
{
    private readonly FakeKernel _kernel = new();
    private readonly CleanupAfterSwitch _dataplane;
    private bool _isPresentAtSweep;
    private int _sweeps;
    private bool _fails;

    public CleanupAfterSwitchTests() => _dataplane = new CleanupAfterSwitch(new NftablesDataplane(_kernel), Sweep);

    public void Dispose() => _dataplane.Dispose();

    [Fact]
    public void Replace_First_CleansUpWhenTheRulesAreInForce()
    {
        _dataplane.Replace(Article.Ruleset);
        _dataplane.Replace(Article.Ruleset);
        Assert.Equal((1, true), (_sweeps, _isPresentAtSweep));
    }

    [Fact]
    public void LockDown_BeforeTheFirstReplacement_LeavesTheOthersInForce()
    {
        _dataplane.LockDown(Ruleset.Empty(new RulesetOptions()));
        Assert.True(_dataplane.IsPresent());
        Assert.Equal(0, _sweeps);

        _dataplane.Replace(Article.Ruleset);
        Assert.Equal(1, _sweeps);
    }

    [Fact]
    public void Replace_CleanupFails_IsRetriedByVerify()
    {
        _fails = true;
        _dataplane.Replace(Article.Ruleset);
        _fails = false;
        Assert.Empty(_dataplane.Verify(Article.Ruleset));
        _dataplane.Verify(Article.Ruleset);
        Assert.Equal(2, _sweeps);
    }

    private void Sweep()
    {
        _sweeps++;
        _isPresentAtSweep = _dataplane.IsPresent();
        if (_fails)
        {
            throw new DataplaneException(DataplaneFailure.NoMemory, "not now");
        }
    }
}
