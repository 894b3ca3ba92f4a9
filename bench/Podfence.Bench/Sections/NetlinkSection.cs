namespace Podfence.Bench;

/// <summary>
/// Podfence's netlink code beside libnftables: measured by a program of its own, which links that library.
/// </summary>
internal static class NetlinkSection
{
    public const string Id = "netlink";

    /// <summary>Reads the table that the program printed.</summary>
    public static Section Read(string file)
    {
        var rows = File.ReadAllLines(file)
            .Where(static line => line.StartsWith('|') && !line.StartsWith("| ---", StringComparison.Ordinal))
            .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .ToList();
        if (rows.Count < 2)
        {
            throw new BenchException($"{file} holds no table");
        }

        var section = new Section(Id, "Own netlink code and libnftables")
        {
            Text = """
                The same elements into the same sets, by Podfence's own netlink code and by libnftables in the same process, in private
                namespaces: loading all at once, then single elements, as changes of pods cause them. Ranges are here for comparison;
                Podfence itself never changes a set of ranges, it makes another.
                """,
        };
        var table = new Table(rows[0]);
        foreach (var row in rows.Skip(1))
        {
            table.Add(row);
            var median = double.Parse(row[3].Split(' ')[0]);
            section.Figures.Add(
                new Figure(
                    $"{row[0].Replace(' ', '-')}/{row[1]}/add",
                    $"one element added to {row[0]} by {row[1]}, p50",
                    median,
                    median,
                    median,
                    "ms"
                )
            );
        }

        section.Tables.Add(table);
        return section;
    }
}
