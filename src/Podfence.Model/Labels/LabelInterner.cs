namespace Podfence.Model;

/// <summary>
/// Shares equal label sets and strings. Entries are held weakly, so the pool is bounded by what is alive and nothing has to be released by hand.
/// Safe for several threads: readers of manifests and watches may run beside the one that writes the state.
/// </summary>
public static class LabelInterner
{
    private static readonly WeakPool<LabelSet> s_sets = new();
    private static readonly WeakPool<string> s_strings = new();

    /// <summary>The one string with this content.</summary>
    public static string Intern(string text) => s_strings.Intern(text, static value => value);

    /// <summary>The one label set with this content.</summary>
    public static LabelSet Intern(LabelSet labels) => s_sets.Intern(labels, static value => value.WithInternedStrings(Intern));
}
