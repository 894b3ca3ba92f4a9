namespace Podfence.Cli;

/// <summary>Tones as escape sequences of the 16 basic colours.</summary>
internal static class Ansi
{
    private const string Reset = "\e[0m";

    public static string Paint(string text, Tone tone) =>
        tone switch
        {
            Tone.Good => $"\e[32m{text}{Reset}",
            Tone.Bad => $"\e[31m{text}{Reset}",
            Tone.Warn => $"\e[33m{text}{Reset}",
            Tone.Dim => $"\e[2m{text}{Reset}",
            _ => text,
        };
}
