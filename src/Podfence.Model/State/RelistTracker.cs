namespace Podfence.Model;

/// <summary>
/// Which objects a list in progress has named, so that those it does not name can be swept when it ends. Kept while a list runs only: a source that had to remember
/// what it told would hold the names of the whole cluster a second time.
/// </summary>
internal sealed class RelistTracker
{
    private readonly Dictionary<string, HashSet<(string Namespace, string Name)>> _seen = new(StringComparer.Ordinal);

    /// <summary>A list of the kind begins, or begins again.</summary>
    public void Begin(string kind) => _seen[kind] = [];

    /// <summary>An object is told of.</summary>
    public void Mark(string kind, string @namespace, string name)
    {
        if (_seen.Count > 0 && _seen.TryGetValue(kind, out var seen))
        {
            seen.Add((@namespace, name));
        }
    }

    /// <summary>The list is over.</summary>
    /// <returns>What it named; null where none had begun.</returns>
    public IReadOnlySet<(string Namespace, string Name)>? End(string kind) => _seen.Remove(kind, out var seen) ? seen : null;
}
