namespace Podfence.Model;

/// <summary>A namespace: a name, and the labels that namespace selectors match.</summary>
/// <param name="Name">The name.</param>
/// <param name="Labels">The labels, with <see cref="NameLabel"/> always among them.</param>
public sealed record Namespace(string Name, LabelSet Labels)
{
    /// <summary>
    /// The label the API server sets on every namespace: the only portable way to select one by name.
    /// </summary>
    public const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>Where the namespace was read.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>A namespace with the label that the API server would set.</summary>
    public static Namespace Create(string name, LabelSet? labels = null) =>
        new(name, (labels ?? LabelSet.Empty).With(NameLabel, name));
}
