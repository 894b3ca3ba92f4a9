using CsCheck;
using Podfence.Analysis;

namespace Podfence.Manifests.Tests;

/// <summary>Any file can be read: no exception, and every diagnostic has a file.</summary>
public sealed class FuzzTests
{
    private static readonly string[] s_sources =
    [
        .. Directory
            .EnumerateFiles(
                Samples.RepositoryFile("tests/scenarios/manifests"),
                "input.yaml",
                SearchOption.AllDirectories
            )
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText),
        File.ReadAllText(Samples.RepositoryFile("examples/article.yaml")),
    ];

    private static readonly Gen<string> s_scrap = Gen.OneOf(
        "",
        "\n",
        "\n---\n",
        " ",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ": ",
        "- ",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "'",
        "\"",
        "|",
        "> ",
        "#",
        "%",
        "\0",
        "\ud800",
        "ä",
        "null",
        "1e999",
        "-",
        "?",
        "@",
        "`",
        "0x",
        "..."
    );

    private static readonly Gen<string> s_mutated = Gen.Select(
        Gen.OneOf(s_sources),
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, 12], s_scrap).List[1, 6],
        (text, edits) => edits.Aggregate(text, (now, edit) =>
            {
                var at = (int)(edit.Item1 * now.Length);
                return now[..at] + edit.Item3 + now[Math.Min(now.Length, at + edit.Item2)..];
            })
    );

    [Fact]
    public void ReadText_MutatedYaml_NeverThrows() => s_mutated.Sample(text => Check(text, "m.yaml"), iter: 3000);

    [Fact]
    public void ReadText_MutatedJson_NeverThrows() =>
        Gen.Select(ModelGen.Object, Gen.Double[0, 1], s_scrap, (item, where, scrap) =>
            {
                var json = ManifestWriter.ToJson(item);
                return json.Insert((int)(where * json.Length), scrap);
            })
            .Sample(text => Check(text, "m.json"), iter: 1000);

    [Fact]
    public void ReadText_AnyText_NeverThrows() => Gen.String.Sample(text => Check(text, "m.yaml"), iter: 2000);

    private static void Check(string text, string file)
    {
        var diagnostics = ManifestReader
            .ReadText(text, file)
            .Diagnostics.Concat(ExpectationReader.ReadText(text, file).Diagnostics);

        Assert.All(diagnostics, found => Assert.Equal(file, found.Location.File));
        Assert.All(diagnostics, found =>
            Assert.True(found.Location.Line > 0 || found.Message == "not UTF-8 text", found.ToString())
        );
    }
}
