using Podfence.Base;

namespace Podfence.Model;

/// <summary>Where an object was read from, for messages.</summary>
/// <param name="File">
/// The file as the user named it, <c>-</c> for standard input, or null for an object of the API server.
/// </param>
/// <param name="Line">The line, from 1; 0 if unknown.</param>
public readonly record struct SourceLocation(string? File, int Line)
{
    /// <summary>
    /// file:line, as compilers write it. Control characters of the name are escaped: a file name must not control
    /// the terminal, nor begin a line of a CI log.
    /// </summary>
    public override string ToString() =>
        File is null ? "API"
        : Line > 0 ? $"{GoText.EscapeControl(File)}:{Line}"
        : GoText.EscapeControl(File);
}
