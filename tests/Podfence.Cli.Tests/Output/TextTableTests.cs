using CsCheck;

namespace Podfence.Cli.Tests;

public sealed class TextTableTests
{
    [Fact]
    public void Write_TitlesAndRows_AlignsColumnsTwoBlanksApart()
    {
        var table = new TextTable(("POD", Align.Left), ("PORT", Align.Right), ("VERDICT", Align.Left));
        table.AddRow("default/web", "80", "allow");
        table.AddRow("default/db", "6379", "deny");

        Assert.Equal(
            """
            POD          PORT  VERDICT
            default/web    80  allow
            default/db   6379  deny

            """,
            Written(table)
        );
    }

    [Fact]
    public void Write_ShortAndEmptyCells_LeavesNoTrailingBlanks()
    {
        var table = new TextTable(("A", Align.Left), ("B", Align.Left), ("C", Align.Right));
        table.AddRow("1");
        table.AddRow("1", "", "3");
        table.AddRow("1", "long", "");
        table.AddRow();

        Assert.Equal("A  B     C\n1\n1        3\n1  long\n\n", Written(table));
    }

    [Fact]
    public void Write_NoTitles_TakesRowsOfAnyLength()
    {
        var table = new TextTable();
        table.AddRow("a", "b");
        table.AddRow("ccc");
        table.AddRow("d", "e", "f");

        Assert.Equal("a    b\nccc\nd    e  f\n", Written(table));
    }

    [Fact]
    public void Write_NothingInIt_WritesNothing() => Assert.Equal("", Written(new TextTable()));

    [Fact]
    public void AddRow_MoreCellsThanTitles_Throws()
    {
        var table = new TextTable(("A", Align.Left));

        Assert.Throws<ArgumentException>(() => table.AddRow("1", "2"));
    }

    [Fact]
    public void Write_WiderThanTheScreen_CutsTheWidestColumn()
    {
        var table = new TextTable(("NAME", Align.Left), ("WHY", Align.Left));
        table.AddRow("web", "no rule of the policy allows it");

        Assert.Equal("NAME  WHY\nweb   no rule o…\n", Written(table, maxWidth: 16));
    }

    [Fact]
    public void Write_ScreenTooNarrowForAnything_StopsAtFourColumnsEach()
    {
        var table = new TextTable();
        table.AddRow("abcdefgh", "ijklmnop");

        Assert.Equal("abc…  ijk…\n", Written(table, maxWidth: 1));
    }

    [Fact]
    public void Write_Colour_PaintsTonesAndKeepsColumns()
    {
        var table = new TextTable();
        table.AddRow(new Cell("ok", Tone.Good), "x");
        table.AddRow(new Cell("wrong", Tone.Bad), "y");

        Assert.Equal("\e[32mok\e[0m     x\n\e[31mwrong\e[0m  y\n", Written(table, colour: true));
    }

    [Fact]
    public void Write_LettersOfSeveralCodeUnits_CountAsOneColumn()
    {
        var table = new TextTable();
        table.AddRow("e\u0301te\u0301", "x");
        table.AddRow("abc", "y");

        Assert.Equal("e\u0301te\u0301  x\nabc  y\n", Written(table));
    }

    [Fact]
    public void Write_WideCharacters_CountAsTwoColumns()
    {
        var table = new TextTable();
        table.AddRow("网络策略", "x");
        table.AddRow("abc한", "y");
        table.AddRow("🚀", "z");

        Assert.Equal("网络策略  x\nabc한     y\n🚀        z\n", Written(table));
    }

    [Theory]
    [InlineData("网络策略", 8, "网络策略")]
    [InlineData("网络策略", 7, "网络策…")]
    [InlineData("网络策略", 6, "网络…")]
    [InlineData("a网络", 4, "a网…")]
    [InlineData("abcdef", 4, "abc…")]
    public void Fit_WideCharacters_AreNeverCutInHalf(string text, int width, string expected) =>
        Assert.Equal(expected, TextWidth.Fit(text, width, "…"));

    [Fact]
    public void Write_AnyTable_FitsHasNoTrailingBlanksAndOneLinePerRow()
    {
        var cells = Gen.String[Gen.Char['a', 'z'], 0, 20].Array[0, 6].List[0, 12];
        Gen.Select(cells, Gen.Int[34, 120])
            .Sample(
                (rows, width) =>
                {
                    var table = new TextTable();
                    foreach (var row in rows)
                    {
                        table.AddRow([.. row.Select(c => new Cell(c))]);
                    }

                    var lines = Written(table, width).Split('\n');
                    // Six columns of four and five gaps of two are what a table cannot go below.
                    return lines.Length == rows.Count + 1 && lines.All(l => l.Length <= width && !l.EndsWith(' '));
                }
            );
    }

    private static string Written(TextTable table, int maxWidth = Terminal.UnlimitedWidth, bool colour = false)
    {
        var output = new StringWriter { NewLine = "\n" };
        table.Write(output, maxWidth, colour);
        return output.ToString();
    }
}
