using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Sets that are new, with all their elements; sets no longer in use; and the changed elements of the others.
/// </summary>
internal sealed record SetChanges(
    Dictionary<SetId, IReadOnlyCollection<SetElement>> Added,
    List<SetId> Removed,
    Dictionary<SetId, Delta<SetElement>> Changed
);
