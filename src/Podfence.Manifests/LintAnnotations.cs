namespace Podfence.Manifests;

/// <summary>The annotations by which objects speak to lint.</summary>
public static class LintAnnotations
{
    /// <summary>Names of rules that are to be silent about the object, separated by commas.</summary>
    public const string Ignore = "podfence.io/lint-ignore";

    /// <summary>The annotation of an object, or null. A value that is no text has been reported where files are read, and means nothing elsewhere.</summary>
    internal static string? Read(Field root) =>
        root["metadata"]["annotations"].MapOrNull?[Ignore] is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : null;
}
