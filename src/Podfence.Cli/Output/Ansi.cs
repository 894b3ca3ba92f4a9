namespace Podfence.Cli;

/// <summary>Tones as escape sequences of the sixteen colours that every colour screen has.</summary>
internal static class Ansi
{
    private const string Reset = "\e[0m";

    /// <summary>The text in its tone; plain text is left as it is.</summary>
    public static string Paint(string text, Tone tone) => tone switch
    {
        Tone.Good => $"\e[32m{text}{Reset}",
        Tone.Bad => $"\e[31m{text}{Reset}",
        Tone.Warn => $"\e[33m{text}{Reset}",
        Tone.Dim => $"\e[2m{text}{Reset}",
        _ => text,
    };
}
