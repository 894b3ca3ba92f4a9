using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The dataplane over nf_tables. Remembers no ruleset, only whether the kernel is known to hold the last one, and the
/// generation after that.
/// </summary>
/// <remarks>
/// The generation after a commit of Podfence's is not read but counted: reading it could miss the commit of another
/// program between the two. A commit of another program, at any moment, puts the kernel's generation ahead of the
/// counted one, and <see cref="MayHaveDrifted"/> reports it.
/// </remarks>
public sealed class NftablesDataplane(INftKernel kernel) : IDataplane
{
    // Null until the first replacement, and again after a failure or a difference: the rules in the kernel are not
    // known.
    private uint? _generation;
    private int _fencedAddresses;

    /// <inheritdoc/>
    public void Replace(Ruleset ruleset)
    {
        var table = RulesetLowering.Lower(ruleset);
        _generation = null;
        if (!TryTransition(table))
        {
            var before = kernel.Generation();
            kernel.Run(TableReplacement.Whole(table));
            _generation = NftGeneration.Next(before);
        }

        _fencedAddresses = RulesetLowering.FencedAddresses(ruleset);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Only <see cref="Replace"/> may be called.</exception>
    public void Apply(RulesetDelta delta)
    {
        if (_generation is not { } generation)
        {
            throw new InvalidOperationException("the rules in the kernel are not known: call Replace first");
        }

        if (delta.IsEmpty)
        {
            return;
        }

        // From here on a failure of any kind leaves the rules in the kernel unknown.
        _generation = null;
        _generation = Run(DeltaTransition.ToChange(delta, _fencedAddresses), generation);
        _fencedAddresses += DeltaTransition.Growth(delta);
    }

    /// <inheritdoc/>
    public void LockDown(Ruleset ruleset) => Replace(ruleset);

    /// <inheritdoc/>
    public bool IsPresent() => kernel.Read() is not null;

    /// <inheritdoc/>
    public bool MayHaveDrifted() => _generation != kernel.Generation();

    /// <inheritdoc/>
    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        // Read first, so that a change during reading counts as later.
        var generation = kernel.Generation();
        var differences = TableDiff.Describe(RulesetLowering.Lower(ruleset), kernel.Read());
        if (differences.Count > 0)
        {
            _generation = null;
        }
        else if (_generation is not null)
        {
            _generation = generation;
        }

        return differences;
    }

    /// <inheritdoc/>
    public void Cleanup()
    {
        _generation = null;
        kernel.Run([new AddTable(), new DeleteTable()]);
    }

    /// <inheritdoc/>
    public void Dispose() => kernel.Dispose();

    // The table of an earlier process, or one changed by another program, is corrected without removing the base
    // chains. Where that fails, for anything in the table, the whole table is replaced.
    private bool TryTransition(NftTable table)
    {
        try
        {
            var generation = kernel.Generation();
            if (kernel.Read() is not { } actual || TableReplacement.Between(actual, table) is not { } change)
            {
                return false;
            }

            _generation = Run(change, generation);
            return true;
        }
        catch (DataplaneException failure)
            when (failure.Failure is DataplaneFailure.Conflict or DataplaneFailure.Rejected)
        {
            return false;
        }
    }

    private uint Run(NftChange change, uint generation)
    {
        // A transaction without operations does not count as a generation.
        IReadOnlyList<NftOperation>[] transactions =
        [
            .. new[] { change.Preparation, change.Isolation, change.Switch }.Where(static operations =>
                operations.Count > 0
            ),
        ];
        for (var i = 0; i < transactions.Length; i++)
        {
            if (i > 0 && change.ConcernsUnknown)
            {
                kernel.WaitForPackets();
            }

            kernel.Run(transactions[i]);
            generation = NftGeneration.Next(generation);
        }

        return generation;
    }
}
