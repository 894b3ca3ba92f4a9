using Podfence.Rulesets;


namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The dataplane over nf_tables. Remembers no ruleset, only whether the kernel is known to hold the last one, and the generation that it had then.
/// </summary>
/// <remarks>
/// The generation after a commit of ours is not read but counted: it was reading it that could miss what another program did between the two.
/// Whatever somebody else commits, at whatever moment, makes the kernel's generation run ahead of the counted one, and <see cref="MayHaveDrifted"/> say so.
/// </remarks>
public sealed class NftablesDataplane(INftKernel kernel) : IDataplane
{
    // Null until the first replacement, and again after a failure or a difference: nothing can be built on what the kernel holds.
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
            kernel.Run(RulesetLowering.Replacement(table));
            _generation = NftGeneration.Next(before);
        }

        _fencedAddresses = RulesetLowering.FencedAddresses(ruleset);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Only <see cref="Replace"/> may be called now.</exception>
    public void Apply(RulesetDelta delta)
    {
        if (_generation is not { } generation)
        {
            throw new InvalidOperationException("what the kernel holds is not known: only a replacement may follow");
        }

        if (delta.IsEmpty)
        {
            return;
        }

        // From here on a failure of any kind leaves the kernel unknown.
        _generation = null;
        _generation = Run(DeltaLowering.Lower(delta, _fencedAddresses), generation);
        _fencedAddresses += DeltaLowering.Growth(delta);
    }

    /// <inheritdoc/>
    public bool IsPresent() => kernel.Read() is not null;

    /// <inheritdoc/>
    public bool MayHaveDrifted() => _generation != kernel.Generation();

    /// <inheritdoc/>
    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        // Taken before reading, so that what happens meanwhile counts as later.
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

    // What an earlier process left, or another program spoilt, is turned into what it should be without taking the base chains away.
    // Where that does not work out, for whatever is in the table, replacing it whole does.
    private bool TryTransition(NftTable table)
    {
        try
        {
            var generation = kernel.Generation();
            if (kernel.Read() is not { } actual || RulesetLowering.Transition(actual, table) is not { } change)
            {
                return false;
            }

            _generation = Run(change, generation);
            return true;
        }
        catch (DataplaneException refusal) when (refusal.Failure is DataplaneFailure.Conflict or DataplaneFailure.Rejected)
        {
            return false;
        }
    }

    private uint Run(NftChange change, uint generation)
    {
        // One without operations would not count as a generation.
        IReadOnlyList<NftOperation>[] transactions = [.. new[] { change.Preparation, change.Isolation, change.Switch }.Where(static operations => operations.Count > 0)];
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
