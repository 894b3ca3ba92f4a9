using System.Text;

namespace Podfence.Bench;

/// <summary>
/// Writes docs/operate/benchmarks.md: the headline first, then each section, then the aims and the machine.
/// </summary>
internal static class MarkdownReport
{
    private const int Columns = 118;

    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmarks").AppendLine();
        var headline = new Headline(report.Figures());
        AppendText(text, headline.Sentences());
        var first = report.Sections.SelectMany(static section => section.Pictures).FirstOrDefault();
        AppendPicture(text, first);
        AppendTable(text, headline.Table());
        text.AppendLine("## How to read it").AppendLine();
        AppendText(
            text,
            """
            Every comparison is made within one run: its variants are interleaved, round by round, in the same namespaces, and the ratio is
            taken round by round. Values are medians, with the middle half of the rounds in brackets, and have no digit that the rounds do not
            carry. *By the clock* is elapsed time; *by processor time* leaves out what other programs take from the machine, and is the value
            to trust on a busy one. Absolute values depend on the machine; ratios less so. No build fails by them.

            `make bench` writes this page (`bench/run.sh`; `--quick` takes some minutes, with fewer rounds; `--from bench/results.json` writes
            the page again without measuring). [bench/results.json](../../bench/results.json) has the same values for programs.
            """
        );
        if (report.IsQuick)
        {
            AppendText(text, "**This page is of a quick run.**");
        }

        foreach (var section in report.Sections)
        {
            text.AppendLine($"## {section.Title}").AppendLine();
            AppendText(text, section.Text);
            foreach (var picture in section.Pictures.Where(picture => picture != first))
            {
                AppendPicture(text, picture);
            }

            section.Tables.ForEach(table => AppendTable(text, table));
        }

        AppendAims(text, report.Sections);
        AppendMachine(text, report.Machine);
        return Regexes.ManyBlankLines(text.ToString()).TrimEnd() + "\n";
    }

    private static void AppendAims(StringBuilder text, IReadOnlyList<Section> sections)
    {
        var table = new Table(["aim", "measured", "asked for"]);
        foreach (
            var figure in sections
                .SelectMany(static section => section.Figures)
                .Where(static figure => figure.Aim is not null)
        )
        {
            table.Add(
                figure.Name,
                $"**{Text.Rounded(figure.Value, figure.Low, figure.High)}**",
                Text.Judged(figure.Aim, figure.Value)
            );
        }

        if (table.Rows.Count > 0)
        {
            text.AppendLine("## Aims").AppendLine();
            AppendTable(text, table);
        }
    }

    private static void AppendMachine(StringBuilder text, Machine machine)
    {
        text.AppendLine("## Machine").AppendLine().AppendLine("| machine | |").AppendLine("| --- | --- |");
        foreach (var (name, value) in machine.Facts)
        {
            text.AppendLine($"| {name} | {value} |");
        }

        text.AppendLine();
    }

    private static void AppendPicture(StringBuilder text, Picture? picture)
    {
        if (picture is not null)
        {
            text.AppendLine($"![{picture.Description}](../images/{picture.Name})").AppendLine();
        }
    }

    private static void AppendTable(StringBuilder text, Table table)
    {
        text.AppendLine($"| {string.Join(" | ", table.Columns)} |");
        text.AppendLine($"|{string.Concat(Enumerable.Repeat(" --- |", table.Columns.Count))}");
        foreach (var row in table.Rows)
        {
            text.AppendLine($"| {string.Join(" | ", row)} |");
        }

        text.AppendLine();
    }

    /// <summary>Paragraphs, with lines that end where those of other documents do.</summary>
    private static void AppendText(StringBuilder text, string paragraphs)
    {
        foreach (var paragraph in paragraphs.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var column = 0;
            foreach (var word in paragraph.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (column > 0 && column + 1 + word.Length > Columns)
                {
                    text.AppendLine();
                    column = 0;
                }

                text.Append(column > 0 ? " " : "").Append(word);
                column += (column > 0 ? 1 : 0) + word.Length;
            }

            text.AppendLine().AppendLine();
        }
    }
}
