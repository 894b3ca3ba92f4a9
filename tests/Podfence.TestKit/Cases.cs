using System.Globalization;

namespace Podfence.TestKit;

/// <summary>Tries a property on many random clusters, on all cores, and shows the smallest that breaks it.</summary>
public static class Cases
{
    /// <summary>
    /// Names the environment variable that makes every check start from another seed, or repeat one that failed.
    /// </summary>
    public const string SeedVariable = "PODFENCE_SEED";

    /// <summary>The seed to start from: the environment's where it names one.</summary>
    public static long FirstSeed(long otherwise) =>
        long.TryParse(
            Environment.GetEnvironmentVariable(SeedVariable),
            NumberStyles.Integer,
            CultureInfo.InvariantCulture,
            out var seed
        )
            ? seed
            : otherwise;

    /// <summary>Checks clusters of consecutive seeds.</summary>
    /// <param name="count">How many.</param>
    /// <param name="property">
    /// Says what is wrong with a case, or null. It may throw instead. It is called from several threads.
    /// </param>
    /// <param name="make">
    /// Makes the case of a seed; by default <see cref="ClusterGenerator.Generate"/> without changes.
    /// </param>
    /// <param name="firstSeed">The first seed, unless the environment names one.</param>
    /// <exception cref="CaseFailedException">
    /// The property does not hold; the message has the seed, the shrunken case and what is wrong with it.
    /// </exception>
    public static void Check(
        int count,
        Func<ClusterCase, string?> property,
        Func<long, ClusterCase>? make = null,
        long firstSeed = 1
    )
    {
        make ??= static seed => ClusterGenerator.Generate(seed);
        var first = FirstSeed(firstSeed);
        var failed = long.MaxValue;
        var gate = new Lock();
        Parallel.For(first, first + count, (seed, loop) =>
        {
            if (Violation(make(seed), property) is null)
            {
                return;
            }

            lock (gate)
            {
                failed = Math.Min(failed, seed);
            }

            loop.Break();
        });

        if (failed != long.MaxValue)
        {
            var whole = make(failed);
            var small = Shrinker.Shrink(whole, candidate => Violation(candidate, property) is not null);
            throw new CaseFailedException(
                failed,
                small,
                Violation(small, property) ?? "it fails intermittently: " + Violation(whole, property)
            );
        }
    }

    private static string? Violation(ClusterCase candidate, Func<ClusterCase, string?> property)
    {
        try
        {
            return property(candidate);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.ToString();
        }
    }
}

/// <summary>A property that does not hold.</summary>
public sealed class CaseFailedException(long seed, ClusterCase shrunken, string violation)
    : Exception($"{violation}\nseed {seed} (repeat with {Cases.SeedVariable}={seed}), shrunken to\n{shrunken}")
{
    public long Seed { get; } = seed;

    public ClusterCase Shrunken { get; } = shrunken;

    public string Violation { get; } = violation;
}
