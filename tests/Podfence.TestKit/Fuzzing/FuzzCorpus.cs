using System.Text;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>A mutated file.</summary>
/// <param name="Seed">What it was made from: the same seed makes the same file.</param>
/// <param name="Content">The file.</param>
public sealed record FuzzFile(long Seed, byte[] Content)
{
    /// <summary>The content as text, with invalid bytes replaced.</summary>
    public override string ToString() =>
        $"seed {Seed} (repeat with {Cases.SeedVariable}={Seed}):\n{Encoding.UTF8.GetString(Content)}";
}

/// <summary>
/// Mutates files: documents of a folder, and objects of random clusters as JSON. Most mutations are about the
/// structure: words, brackets, items and indented blocks are replaced by others, left out, doubled, moved and wrapped;
/// the rest is about characters and bytes.
/// </summary>
public sealed class FuzzCorpus
{
    private readonly List<string> _documents;
    private readonly List<string> _expectations;

    /// <summary>Reads every YAML file below the folders.</summary>
    public FuzzCorpus(params ReadOnlySpan<string> folders)
    {
        var all = new List<string>();
        foreach (var folder in folders)
        {
            all.AddRange(
                Directory
                    .EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal)
                    .SelectMany(static file => File.ReadAllText(file).Split("\n---\n"))
            );
        }

        _documents = [.. all.Where(static text => text.Length < 4000 && !IsExpectation(text)).Distinct()];
        _expectations = [.. all.Where(static text => text.Length < 4000 && IsExpectation(text)).Distinct()];
    }

    /// <summary>A file of manifests: one to three documents, one to six mutations.</summary>
    public FuzzFile Manifests(long seed)
    {
        var rng = new Rng(seed);
        var text = rng.Percent(15)
            ? Json(rng)
            : string.Join("\n---\n", Rng.Many(rng.Weighted(0, 6, 2, 1), () => rng.Pick(_documents)));
        return new(seed, Mutate(rng, text));
    }

    /// <summary>A file of expectations, mutated.</summary>
    public FuzzFile Expectations(long seed)
    {
        var rng = new Rng(seed);
        return new(seed, Mutate(rng, rng.Pick(_expectations)));
    }

    private static bool IsExpectation(string text) =>
        text.StartsWith("expect:", StringComparison.Ordinal) || text.Contains("\nexpect:", StringComparison.Ordinal);

    private static string Json(Rng rng)
    {
        var cluster = ClusterGenerator.Generate(rng.Below(int.MaxValue)).ToState();
        var objects = cluster
            .Policies.Select(ClusterObject.Of)
            .Concat(cluster.Pods.Select(ClusterObject.Of))
            .Concat(cluster.Nodes.Values.Select(ClusterObject.Of))
            .ToList();
        return string.Join('\n', objects.Take(3).Select(ManifestWriter.ToJson));
    }

    private byte[] Mutate(Rng rng, string text)
    {
        for (var count = rng.Between(1, 6); count > 0; count--)
        {
            text = rng.Weighted(8, 3, 1) switch
            {
                0 => MutateStructure(rng, text),
                1 => MutateCharacters(rng, text),
                _ => MutateLines(rng, text),
            };
            text = text.Length > 50_000 ? text[..50_000] : text;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && rng.Percent(4))
        {
            bytes[rng.Below(bytes.Length)] = (byte)rng.Below(256);
        }

        return rng.Percent(1) ? [0xEF, 0xBB, 0xBF, .. bytes] : bytes;
    }

    private string MutateStructure(Rng rng, string text)
    {
        var (start, length) = Section(rng, text);
        var part = text.Substring(start, length);
        var instead = rng.Weighted(6, 4, 3, 3, 4, 2, 1, 1) switch
        {
            0 => rng.Pick(FuzzWords.Scalars),
            1 => rng.Pick(FuzzWords.Keys),
            2 => "",
            3 => part + part,
            4 => Part(rng, rng.Percent(80) ? rng.Pick(_documents) : rng.Pick(_expectations)),
            5 => rng.Pick("[X]", "{a: X}", "\"X\"", "[X, X]", "&a X", "X: X", "- X")
                .Replace("X", part, StringComparison.Ordinal),
            6 => Deep(rng, part),
            _ => Part(rng, text),
        };
        return string.Concat(text.AsSpan(0, start), instead, text.AsSpan(start + length));
    }

    private static (int Start, int Length) Section(Rng rng, string text)
    {
        var at = rng.Below(text.Length + 1);
        return rng.Weighted(6, 2, 2, 2) switch
        {
            0 => FuzzSpans.Word(text, at),
            1 => FuzzSpans.Brackets(text, at),
            2 => FuzzSpans.Item(text, at),
            _ => FuzzSpans.Block(text, at),
        };
    }

    private static string Part(Rng rng, string text)
    {
        var (start, length) = Section(rng, text);
        return text.Substring(start, length);
    }

    private static string Deep(Rng rng, string part)
    {
        var depth = rng.Pick(10, 60, 70, 500, 5000);
        return rng.Weighted(3, 3, 1, 1) switch
        {
            0 => new string('[', depth) + part + new string(']', depth),
            1 => string.Concat(Enumerable.Repeat("{a: ", depth)) + part + new string('}', depth),
            2 => new string('[', depth),
            _ => string.Concat(Enumerable.Repeat("- ", depth)) + part,
        };
    }

    private static string MutateCharacters(Rng rng, string text)
    {
        var at = rng.Below(text.Length + 1);
        var cut = Math.Min(rng.Pick(0, 0, 1, 1, 2, 5, 12), text.Length - at);
        return string.Concat(text.AsSpan(0, at), rng.Pick(FuzzWords.Scraps), text.AsSpan(at + cut));
    }

    private static string MutateLines(Rng rng, string text)
    {
        var lines = text.Split('\n').ToList();
        var at = rng.Below(lines.Count);
        switch (rng.Below(6))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, lines[rng.Below(lines.Count)]);
                break;
            case 2:
                lines[at] = new string(' ', rng.Below(9)) + lines[at].TrimStart(' ');
                break;
            case 3:
                return string.Join("\r\n", lines);
            case 4:
                return text[..rng.Below(text.Length + 1)];
            default:
                lines = rng.Shuffled(lines);
                break;
        }

        return string.Join('\n', lines);
    }
}
