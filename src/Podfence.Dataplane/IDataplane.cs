using Podfence.Rulesets;

namespace Podfence.Dataplane;

/// <summary>
/// Makes one node's kernel hold a <see cref="Ruleset"/>. Every change comes into force by one atomic transaction. Other
/// transactions may precede it that packets do not notice or that only deny more. A packet filter without a transaction
/// over all it needs changes in steps; after each step every flow has the verdict it had before the change or the one
/// it has afterwards. Used by one thread. A failed call opens nothing; after it, or when drift is found, only
/// <see cref="Replace"/> may be called.
/// </summary>
public interface IDataplane : IDisposable
{
    /// <summary>
    /// Replaces all of Podfence's rules in the kernel, of this process or an earlier one, by the ruleset. The old rules
    /// stay in force until the new ones are.
    /// </summary>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    void Replace(Ruleset ruleset);

    /// <summary>
    /// Writes rules that only deny, ahead of the first <see cref="Replace"/>, into a kernel that holds no rules of
    /// Podfence's according to <see cref="IsPresent"/>. Rules of other dataplanes on the node stay in force.
    /// </summary>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    void LockDown(Ruleset ruleset);

    /// <summary>
    /// Whether the kernel holds any of Podfence's rules, of this process or an earlier one.
    /// </summary>
    /// <exception cref="DataplaneException">The kernel could not be read.</exception>
    bool IsPresent();

    /// <summary>Takes the kernel from the last applied ruleset to the next one.</summary>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    void Apply(RulesetDelta delta);

    /// <summary>
    /// A cheap check for changes that other programs made to the packet filter since the last call that wrote or
    /// verified. False says that <see cref="Verify"/> would find nothing, or, where the check has to read the kernel,
    /// that the last check was less than a second ago.
    /// </summary>
    bool MayHaveDrifted();

    /// <summary>
    /// Reads Podfence's rules back from the kernel and describes how they differ from the ruleset; empty when they do
    /// not. Off the hot path.
    /// </summary>
    /// <exception cref="DataplaneException">The kernel could not be read.</exception>
    IReadOnlyList<string> Verify(Ruleset ruleset);

    /// <summary>Removes all of Podfence's rules and nothing else.</summary>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    void Cleanup();
}
