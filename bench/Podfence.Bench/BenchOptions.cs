namespace Podfence.Bench;

/// <summary>What to measure, and how thoroughly.</summary>
internal sealed record BenchOptions
{
    /// <summary>Some minutes in place of half an hour: fewer rounds, no other difference.</summary>
    public bool Quick { get; init; }

    /// <summary>Sections to run; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Where the page goes; null for standard output alone.</summary>
    public string? Markdown { get; init; }

    /// <summary>
    /// The figures of an earlier run, of which the page is written again without measuring; null to measure.
    /// </summary>
    public string? From { get; init; }

    /// <summary>What the program that compares netlink with libnftables printed, or null.</summary>
    public string? Netlink { get; init; }

    /// <summary>
    /// The folder where pictures go; by default <c>images</c> beside the page's folder, if that is written.
    /// </summary>
    public string? Images { get; init; }

    /// <summary>Where the figures for programs go.</summary>
    public string? Json { get; init; }

    /// <summary>As many as asked, or the few of a quick run.</summary>
    public int Rounds(int full, int quick) => Quick ? quick : full;

    /// <summary>Whether a section runs, or some part of it.</summary>
    public bool Runs(string section) =>
        Only.Count == 0 || Only.Any(one => one == section || IsWithin(one, section) || IsWithin(section, one));

    /// <summary>Whether a part of a section runs; parts are named as in results.json.</summary>
    public bool Runs(string section, string part) =>
        Only.Count == 0 || Only.Any(one => one == section || IsWithin(section, one) || one == $"{section}/{part}");

    private static bool IsWithin(string part, string whole) => part.StartsWith(whole + "/", StringComparison.Ordinal);

    /// <summary>Reads the command line.</summary>
    public static BenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--quick" => options with { Quick = true },
                "--only" when i + 1 < arguments.Length => options with { Only = arguments[++i].Split(',') },
                "--markdown" when i + 1 < arguments.Length => options with { Markdown = arguments[++i] },
                "--netlink" when i + 1 < arguments.Length => options with { Netlink = arguments[++i] },
                "--images" when i + 1 < arguments.Length => options with { Images = arguments[++i] },
                "--from" when i + 1 < arguments.Length => options with { From = arguments[++i] },
                "--json" when i + 1 < arguments.Length => options with { Json = arguments[++i] },
                var other => throw new BenchException(
                    $"{other}: not known. Usage: bench/run.sh [--quick] [--from bench/results.json] [--only "
                        + $"connections,rules,bulk,dataplanes,changes,netlink,memory,matrix,agent]"
                ),
            };
        }

        return options;
    }
}
