using Podfence.Dataplane.Nftables;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>When what other dataplanes have left is removed.</summary>
public sealed class SweepingDataplaneTests : IDisposable
{
    private readonly FakeKernel _kernel = new();
    private readonly SweepingDataplane _dataplane;
    private bool _isPresentAtSweep;
    private int _sweeps;
    private bool _fails;

    public SweepingDataplaneTests() => _dataplane = new SweepingDataplane(new NftablesDataplane(_kernel), Sweep);

    public void Dispose() => _dataplane.Dispose();

    [Fact]
    public void Replace_First_SweepsWhenTheRulesAreInForce()
    {
        _dataplane.Replace(Article.Ruleset);
        _dataplane.Replace(Article.Ruleset);
        Assert.Equal((1, true), (_sweeps, _isPresentAtSweep));
    }

    [Fact]
    public void Guard_BeforeTheFirstReplacement_LeavesTheOthersInForce()
    {
        _dataplane.Guard(Ruleset.Empty(new RulesetOptions()));
        Assert.True(_dataplane.IsPresent());
        Assert.Equal(0, _sweeps);

        _dataplane.Replace(Article.Ruleset);
        Assert.Equal(1, _sweeps);
    }

    [Fact]
    public void Replace_SweepFails_IsTriedAgainWhenTheKernelIsRead()
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
