using System.Collections.Concurrent;
using System.Globalization;

namespace Podfence.TestKit;

/// <summary>Runs a check on many mutated files, on all cores: no exception, no slow file, no invalid result.</summary>
public static class FuzzRun
{
    /// <summary>
    /// Names the environment variable that says how many files are tried in place of the few that every run of the
    /// tests tries.
    /// </summary>
    public const string CountVariable = "PODFENCE_FUZZ";

    /// <summary>Names the environment variable with a file to which each run adds its figures.</summary>
    public const string ReportVariable = "PODFENCE_FUZZ_REPORT";

    // Reading takes a millisecond; on a machine that is busy with other things, a second.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Tries files of consecutive seeds.</summary>
    /// <param name="name">What is tried, for the report.</param>
    /// <param name="count">How many, unless the environment says.</param>
    /// <param name="make">Makes the file of a seed.</param>
    /// <param name="check">
    /// Says what is wrong about a file, or null; called from several threads. The text it is given counts what became
    /// of files, for the report.
    /// </param>
    /// <exception cref="FuzzException">The check does not hold, or a file takes too long.</exception>
    public static async Task CheckAsync(
        string name,
        int count,
        Func<long, FuzzFile> make,
        Func<FuzzFile, Action<string>, Task<string?>> check
    )
    {
        var (first, clock) = (Cases.FirstSeed(1), TimeProvider.System);
        count = int.TryParse(
            Environment.GetEnvironmentVariable(CountVariable),
            NumberStyles.Integer,
            CultureInfo.InvariantCulture,
            out var asked
        )
            ? asked
            : count;
        count = Environment.GetEnvironmentVariable(Cases.SeedVariable) is null || asked > 0 ? count : 1;
        var (began, slowest, bytes, counts) = (
            clock.GetTimestamp(),
            TimeSpan.Zero,
            0L,
            new ConcurrentDictionary<string, int>(StringComparer.Ordinal)
        );
        var gate = new Lock();
        await Parallel.ForAsync(first, first + count, async (seed, _) =>
        {
            var (file, start) = (make(seed), clock.GetTimestamp());
            var violation = await TryAsync(file, check, what =>
                counts.AddOrUpdate(what, 1, static (_, before) => before + 1)
            );
            if (violation is not null)
            {
                throw new FuzzException($"{violation}\n{file}");
            }

            lock (gate)
            {
                bytes += file.Content.Length;
                var took = clock.GetElapsedTime(start);
                slowest = took > slowest ? took : slowest;
            }
        });

        if (Environment.GetEnvironmentVariable(ReportVariable) is { Length: > 0 } report)
        {
            var became = string.Join(
                ", ",
                counts.OrderByDescending(static item => item.Value).Select(static item => $"{item.Key} {item.Value}")
            );
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {count} files from seed {first}, {bytes >> 20} MiB, in "
                    + $"{clock.GetElapsedTime(began).TotalSeconds:F0} s, slowest {slowest.TotalMilliseconds:F0} ms: "
                    + $"{became}\n"
            );
            await File.AppendAllTextAsync(report, line);
        }
    }

    private static async Task<string?> TryAsync(
        FuzzFile file,
        Func<FuzzFile, Action<string>, Task<string?>> check,
        Action<string> count
    )
    {
        try
        {
            return await Task.Run(() => check(file, count)).WaitAsync(s_limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            return $"not done after {s_limit.TotalSeconds} s";
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.ToString();
        }
    }
}

/// <summary>A file that breaks a check.</summary>
public sealed class FuzzException(string message) : Exception(message);
