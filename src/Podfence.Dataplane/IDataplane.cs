using Podfence.Rulesets;


namespace Podfence.Dataplane;

/// <summary>
/// Makes one node's kernel hold a <see cref="Ruleset"/>. Every change comes into force by one atomic transaction. Others may come before it, that packets do not
/// notice or that only refuse more. A packet filter that has no transaction over all it needs goes by steps, at each of which every flow fares as before the change or as after it. Used by one thread.
/// A failed call opens nothing; after it, or when drift is found, only <see cref="Replace"/> may follow.
/// </summary>
public interface IDataplane : IDisposable
{
    /// <summary>
    /// Replaces whatever of ours is in the kernel, from this process or an earlier one, by the ruleset. The old rules enforce until the new ones do.
    /// </summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    void Replace(Ruleset ruleset);

    /// <summary>
    /// Puts rules that only refuse into a kernel of which <see cref="IsPresent"/> says that it holds none of ours, ahead of the first <see cref="Replace"/>. What other dataplanes have
    /// left on the node stays in force.
    /// </summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    void Guard(Ruleset ruleset) => Replace(ruleset);

    /// <summary>Whether anything of ours is in the kernel, from this process or an earlier one; true where that is not known.</summary>
    /// <exception cref="DataplaneException">The kernel could not be read.</exception>
    bool IsPresent() => true;

    /// <summary>Takes the kernel from the last applied ruleset to the next one.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    void Apply(RulesetDelta delta);

    /// <summary>
    /// A cheap look whether anybody, us apart, has changed the packet filter since the last call that wrote or verified; false means that <see cref="Verify"/> would find nothing,
    /// or, where looking costs a reading of the kernel, that the last look was less than a second ago.
    /// </summary>
    bool MayHaveDrifted();

    /// <summary>Reads back what is ours in the kernel and says in words how it differs from the ruleset; empty when it does not. Off the hot path.</summary>
    /// <exception cref="DataplaneException">The kernel could not be read.</exception>
    IReadOnlyList<string> Verify(Ruleset ruleset);

    /// <summary>Removes all and only what is ours.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    void Cleanup();
}
