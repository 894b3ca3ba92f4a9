using System.CommandLine;
using System.Globalization;

namespace Podfence.Cli;

/// <summary>The <c>--timeout</c> of verbs that send packets.</summary>
internal static class ProbeTimeout
{
    private const double MaxSeconds = 60;

    /// <summary>A new option. Default: one second.</summary>
    public static Option<double> Option() =>
        new("--timeout")
        {
            Description = "Seconds to wait for a reply",
            HelpName = "SECONDS",
            CustomParser = static result =>
            {
                var text = result.Tokens[0].Value;
                // Timers count in milliseconds.
                if (
                    double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
                    && seconds is >= 0.001 and <= MaxSeconds
                )
                {
                    return seconds;
                }

                result.AddError($"--timeout {text}: write seconds, such as 0.5, at most {MaxSeconds}");
                return default;
            },
            DefaultValueFactory = static _ => 1,
        };
}
