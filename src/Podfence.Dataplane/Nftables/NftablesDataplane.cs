using Podfence.Rules;

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

    /// <inheritdoc/>
    public void Replace(Ruleset ruleset)
    {
        var operations = RulesetLowering.Replacement(RulesetLowering.Lower(ruleset));
        _generation = null;
        var before = kernel.Generation();
        kernel.Run(operations);
        _generation = NftGeneration.Next(before);
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
        var operations = DeltaLowering.Lower(delta);
        if (operations.Count > 0)
        {
            kernel.Run(operations);
            generation = NftGeneration.Next(generation);
        }

        _generation = generation;
    }

    /// <inheritdoc/>
    public bool MayHaveDrifted() => _generation != kernel.Generation();

    /// <inheritdoc/>
    public IReadOnlyList<string> Verify(Ruleset ruleset)
    {
        // Taken before reading, so that what happens meanwhile counts as later.
        var generation = kernel.Generation();
        var differences = TableDifference.Describe(RulesetLowering.Lower(ruleset), kernel.Read());
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
}
