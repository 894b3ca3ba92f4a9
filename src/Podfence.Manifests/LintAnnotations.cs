namespace Podfence.Manifests;

/// <summary>
/// The annotations that lint reads. They are not part of the model: changing one must not change a rule of a node.
/// </summary>
public static class LintAnnotations
{
    /// <summary>Rules of lint to silence for the object, separated by commas.</summary>
    public const string Ignore = "podfence.io/lint-ignore";

    /// <summary>
    /// The annotation of an object, or null. Values other than strings are reported when files are read, and ignored
    /// elsewhere.
    /// </summary>
    internal static string? Read(TreeMap root)
    {
        var annotations = (root["metadata"] as TreeMap)?["annotations"] as TreeMap;
        return annotations?[Ignore] is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : null;
    }
}
