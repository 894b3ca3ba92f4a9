using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>A set in use, with the changes of its elements that have not been reported yet.</summary>
internal sealed class SetEntry(SetDefinition definition)
{
    private HashSet<SetElement>? _added;
    private HashSet<SetElement>? _removed;

    public SetDefinition Definition { get; } = definition;

    public int References { get; set; }

    /// <summary>Whether the set has been reported: after that, its elements are reported one by one.</summary>
    public bool Reported { get; set; }

    /// <summary>Records that an element was added or removed. Opposite changes cancel each other out.</summary>
    public void Record(SetElement element, bool added)
    {
        var (same, opposite) = added ? (_added ??= [], _removed) : (_removed ??= [], _added);
        if (opposite is null || !opposite.Remove(element))
        {
            same.Add(element);
        }
    }

    /// <summary>Returns the recorded changes and forgets them; null if there are none.</summary>
    public Delta<SetElement>? TakeDelta()
    {
        var count = (_added?.Count ?? 0) + (_removed?.Count ?? 0);
        var delta = count == 0 ? null : new Delta<SetElement>(_added ?? [], _removed ?? []);
        (_added, _removed) = (null, null);
        return delta;
    }
}
