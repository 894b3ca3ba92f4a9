using System.Text;

namespace Podfence.Bench;

/// <summary>Writes docs/operate/benchmarks.md.</summary>
internal static class MarkdownReport
{
    public static string Write(BenchOptions options, Machine machine, IReadOnlyList<Section> sections)
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmarks").AppendLine();
        text.AppendLine("Written by `make bench` (`bench/run.sh`; with `--quick` in some minutes, less exactly). The same figures for programs are in [bench/results.json](../bench/results.json).").AppendLine();
        text.AppendLine(
            "Every comparison is made within one run: its sides take turns, round by round, in the same namespaces, and the ratio is taken round by round. Shown is the median, "
            + "and in brackets the middle half of the rounds. Absolute numbers belong to the machine; ratios travel better. Nothing here fails a build: aims are printed beside what was measured.").AppendLine();
        text.AppendLine(options.Quick ? "**This is a quick run.** " : "").AppendLine();
        text.AppendLine("| machine | |").AppendLine("| --- | --- |");
        foreach (var (name, value) in machine.Facts)
        {
            text.AppendLine($"| {name} | {value} |");
        }

        text.AppendLine();
        Summary(text, sections);
        foreach (var section in sections)
        {
            text.AppendLine($"## {section.Title}").AppendLine().AppendLine(section.Text).AppendLine();
            foreach (var picture in section.Pictures)
            {
                text.AppendLine($"![{picture.Description}](images/{picture.Name})").AppendLine();
            }

            foreach (var table in section.Tables)
            {
                Append(text, table);
            }
        }

        return Regexes.ManyBlankLines(text.ToString()).TrimEnd() + "\n";
    }

    private static void Summary(StringBuilder text, IReadOnlyList<Section> sections)
    {
        var table = new Table(["aim", "measured", "middle half", "asked for"]);
        foreach (var figure in sections.SelectMany(static section => section.Figures).Where(static figure => figure.Aim is not null))
        {
            table.Add(figure.Name, $"**{Number(figure.Value)}**", $"{Number(figure.Low)} – {Number(figure.High)}", Text.Judged(figure.Aim, figure.Value));
        }

        if (table.Rows.Count > 0)
        {
            text.AppendLine("## What was aimed at").AppendLine();
            Append(text, table);
        }
    }

    private static void Append(StringBuilder text, Table table)
    {
        text.AppendLine($"| {string.Join(" | ", table.Columns)} |");
        text.AppendLine($"|{string.Concat(Enumerable.Repeat(" --- |", table.Columns.Count))}");
        foreach (var row in table.Rows)
        {
            text.AppendLine($"| {string.Join(" | ", row)} |");
        }

        text.AppendLine();
    }

    private static string Number(double value) => value >= 20 ? value.ToString("#,0") : value.ToString("0.000");
}
