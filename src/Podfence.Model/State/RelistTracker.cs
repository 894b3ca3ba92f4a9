namespace Podfence.Model;

/// <summary>
/// Records which objects a list in progress contains, so that all others can be removed when it ends. Kept only during
/// a list: otherwise a source would have to hold the names of the whole cluster a second time.
/// </summary>
internal sealed class RelistTracker
{
    private readonly Dictionary<string, HashSet<(string Namespace, string Name)>> _seen = new(StringComparer.Ordinal);

    /// <summary>A list of the kind begins or starts over.</summary>
    public void Begin(string kind) => _seen[kind] = [];

    /// <summary>Records an object.</summary>
    public void Mark(string kind, string @namespace, string name)
    {
        if (_seen.Count > 0 && _seen.TryGetValue(kind, out var seen))
        {
            seen.Add((@namespace, name));
        }
    }

    /// <summary>Ends the list.</summary>
    /// <returns>The objects that it contained; null if no list had begun.</returns>
    public IReadOnlySet<(string Namespace, string Name)>? End(string kind) =>
        _seen.Remove(kind, out var seen) ? seen : null;
}
