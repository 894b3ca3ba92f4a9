using System.Globalization;
using System.Text.RegularExpressions;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Classifies the error output of iptables and ipset. The only place where their texts are compared with anything.
/// </summary>
internal static partial class ToolFailure
{
    private static readonly (string Words, DataplaneFailure Failure)[] s_known =
    [
        ("holding the xtables lock", DataplaneFailure.Conflict),
        ("you must be root", DataplaneFailure.NotPermitted),
        ("Permission denied", DataplaneFailure.NotPermitted),
        ("Operation not permitted", DataplaneFailure.NotPermitted),
        // Printed for a set match without the capability NET_RAW, which its raw socket needs.
        ("Can't open socket to ipset", DataplaneFailure.NotPermitted),
        ("Cannot allocate memory", DataplaneFailure.NoMemory),
        ("Memory allocation problem", DataplaneFailure.NoMemory),
        ("missing kernel module", DataplaneFailure.NotSupported),
        ("Couldn't load match", DataplaneFailure.NotSupported),
        ("set type not supported", DataplaneFailure.NotSupported),
        ("Cannot open session to kernel", DataplaneFailure.NotSupported),
        ("can't initialize", DataplaneFailure.NotSupported),
        ("doesn't exist", DataplaneFailure.Conflict),
        ("does not exist", DataplaneFailure.Conflict),
        ("No chain/target/match by that name", DataplaneFailure.Conflict),
        ("does a matching rule exist", DataplaneFailure.Conflict),
        ("No such file or directory", DataplaneFailure.Conflict),
        ("already exists", DataplaneFailure.Conflict),
        ("already added", DataplaneFailure.Conflict),
        ("not added", DataplaneFailure.Conflict),
        ("in use by a kernel component", DataplaneFailure.Conflict),
        ("Device or resource busy", DataplaneFailure.Conflict),
    ];

    /// <summary>A program that is not installed.</summary>
    public static DataplaneException Missing(string program) =>
        new(
            DataplaneFailure.NotSupported,
            $"the program '{program}' is not installed: "
                + "apt-get install iptables ipset (or your distribution's packages)"
        );

    /// <summary>A program that exited with another code than 0.</summary>
    public static DataplaneException Of(string program, ToolResult result, string input)
    {
        var said = result.Errors.Trim().ReplaceLineEndings("; ");
        var known = Array.FindIndex(s_known, known => said.Contains(known.Words, StringComparison.OrdinalIgnoreCase));
        var line = Line().Match(said);
        var command = line.Success
            ? LineOf(input, int.Parse(line.Groups["line"].ValueSpan, CultureInfo.InvariantCulture))
            : null;
        return new DataplaneException(
            known < 0 ? DataplaneFailure.Rejected : s_known[known].Failure,
            command is null
                ? $"{program} exited with code {result.ExitCode}: {said}"
                : $"{program} rejected '{command}' (code {result.ExitCode}): {said}"
        );
    }

    private static string? LineOf(string input, int number)
    {
        foreach (var line in input.AsSpan().EnumerateLines())
        {
            if (--number == 0)
            {
                return line.ToString();
            }
        }

        return null;
    }

    // ipset: "Error in line 3:", iptables-restore: "line 4 failed", "Error occurred at line: 14", "line 4: CHAIN_ADD
    // failed".
    [GeneratedRegex(@"line:? (?<line>\d{1,9})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Line();
}
