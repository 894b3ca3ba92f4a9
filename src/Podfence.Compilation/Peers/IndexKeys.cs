using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>What the selectors of a value in an <see cref="AnchorIndex{T}"/> require.</summary>
/// <param name="Namespace">The one namespace that can match; null for any.</param>
/// <param name="Namespaces">Requirements on the namespace's labels; null for none.</param>
/// <param name="Pods">Requirements on the pod's labels.</param>
internal readonly record struct IndexKeys(string? Namespace, LabelSelector? Namespaces, LabelSelector Pods);
