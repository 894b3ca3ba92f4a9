namespace Podfence.Model;

/// <summary>
/// Shares equal label sets and strings. Entries are held weakly, so the pool holds only values in use and nothing must
/// be released explicitly. Thread-safe: manifests and watches may be read on other threads than the one that writes the
/// state.
/// </summary>
public static class LabelInterner
{
    private static readonly WeakPool<LabelSet> s_sets = new();
    private static readonly WeakPool<string> s_strings = new();

    /// <summary>The one string with this content.</summary>
    public static string Intern(string text) => s_strings.Intern(text, static value => value);

    /// <summary>The one label set with this content.</summary>
    public static LabelSet Intern(LabelSet labels) =>
        s_sets.Intern(labels, static value => value.WithInternedStrings(Intern));
}
