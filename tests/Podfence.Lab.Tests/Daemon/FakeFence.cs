namespace Podfence.Lab.Tests;

/// <summary>Fences for tests of the daemon: shell scripts that keep the protocol and fence nothing.</summary>
internal static class FakeFence
{
    /// <summary>Confirms every barrier.</summary>
    public static IReadOnlyList<string> Willing { get; } = Script("""echo "{\"applied\":${n%\}}}" """);

    /// <summary>Confirms a barrier and dies.</summary>
    public static IReadOnlyList<string> Mortal { get; } = Script("""echo "{\"applied\":${n%\}}}"; exit 3""");

    /// <summary>Complains at every barrier.</summary>
    public static IReadOnlyList<string> Failing { get; } = Script("""echo "{\"error\":\"no kernel\"}" """);

    /// <summary>Confirms and keeps all it hears in a file.</summary>
    public static IReadOnlyList<string> Recording(string file) =>
        Script("""echo "{\"applied\":${n%\}}}" """, $"""echo "$line" >> '{file}'; """);

    private static string[] Script(string atSyncPoint, string always = "") =>
        [
            "/bin/sh",
            "-c",
            $$"""while read -r line; do {{always}}case "$line" in '{"syncPoint":'*) n=${line#*:}; {{atSyncPoint}};; esac; done""",
        ];
}
