using System.Diagnostics;

namespace Podfence.Bench;

/// <summary>Memory per pod and per policy.</summary>
internal static class MemorySection
{
    public const string Id = "memory";

    public static Section Run(BenchOptions options)
    {
        var section = new Section(Id, "Memory of one node's agent")
        {
            Text = """
                Each size in its own process: every object of the cluster arrives as JSON and is read as from a watch; then the rules of
                a node with 100 pods are compiled and loaded. *Heap* is what is live after a full collection, divided by the number of
                pods or policies (a tenth as many as pods). *Resident* is the whole process: *empty* with the code loaded and a small
                cluster, *settled* after loading, *peak* at any moment until then. The process is native code, as the product is; the 100
                pods are from as many namespaces as there are.
                """,
        };
        var table = new Table([
            "pods / policies",
            "heap per pod",
            "heap per policy",
            "heap of compiler and driver",
            "resident, empty",
            "settled",
            "peak",
            "settled − empty, per pod",
        ]);
        foreach (var pods in new[] { 1_000, 10_000, 100_000 })
        {
            var runs = Enumerable.Range(0, options.Rounds(3, 1)).Select(_ => Measure(pods)).ToList();
            var policies = pods / 10;
            Samples Of(Func<MemoryFigures, double> value) => new(runs.Select(value));
            var perPod = Of(run => (double)run.PodsHeap / pods);
            var perPolicy = Of(run => (double)run.PoliciesHeap / policies);
            var settled = Of(static run => run.Settled);
            var peak = Of(static run => run.Peak);
            table.Add(
                $"{Text.Count(pods)} / {Text.Count(policies)}",
                Text.Bytes(perPod.Median),
                Text.Bytes(perPolicy.Median),
                Text.Bytes(Of(static run => run.CompiledHeap).Median),
                Text.Bytes(Of(static run => run.Empty).Median),
                Text.Bytes(settled.Median),
                Text.Bytes(peak.Median),
                Text.Bytes(Of(run => (double)(run.Settled - run.Empty) / pods).Median)
            );
            section.Figures.Add(Figure.Of($"{pods}/heap-per-pod", $"heap per pod, {pods} pods", perPod, "B"));
            section.Figures.Add(
                Figure.Of($"{pods}/heap-per-policy", $"heap per policy, {policies} policies", perPolicy, "B")
            );
            section.Figures.Add(Figure.Of($"{pods}/settled", $"resident, settled, {pods} pods", settled, "B"));
            section.Figures.Add(Figure.Of($"{pods}/peak", $"resident, peak, {pods} pods", peak, "B"));
        }

        section.Tables.Add(table);
        return section;
    }

    private static MemoryFigures Measure(int pods)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        info.ArgumentList.Add(MemoryChild.Verb);
        info.ArgumentList.Add(pods.ToString());
        using var process = Process.Start(info) ?? throw new BenchException("the memory benchmark did not start");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? MemoryFigures.Parse(output.Trim())
            : throw new BenchException($"the memory benchmark ended with {process.ExitCode}");
    }
}
