using System.Globalization;
using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>What a process of its own measured: stages by name, in bytes.</summary>
internal sealed record MemoryFigures(
    long PodsHeap,
    long PoliciesHeap,
    long CompiledHeap,
    long Empty,
    long Settled,
    long PeakIngest,
    long Peak,
    long Replaced
)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"memory {PodsHeap} {PoliciesHeap} {CompiledHeap} {Empty} {Settled} {PeakIngest} {Peak} {Replaced}"
        );

    public static MemoryFigures Parse(string line)
    {
        var n = line.Split(' ').Skip(1).Select(static part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new MemoryFigures(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
    }
}

/// <summary>
/// One node's share of a cluster in a fresh process: objects come in as JSON, one by one, as from a watch, and end in
/// the kernel.
/// </summary>
internal static class MemoryChild
{
    public const string Verb = "memory-child";

    public static MemoryFigures Run(int pods)
    {
        // A small cluster first, so that code and its tables are not counted to the objects.
        Ingest(new ClusterState(), new ClusterShape(1_000, 100, 9).Objects());
        var shape = new ClusterShape(pods, 100, Math.Min(100, (pods / ClusterShape.PodsPerNamespace) - 1));
        var empty = ProcessMemory.Resident();
        var start = ProcessMemory.Managed();
        var state = new ClusterState();
        Ingest(state, shape.NamespaceObjects().Concat(shape.PodObjects()));
        var withPods = ProcessMemory.Managed();
        Ingest(state, shape.PolicyObjects());
        var withPolicies = ProcessMemory.Managed();
        var peakIngest = ProcessMemory.Peak();

        using var node = NetworkNamespace.Create("bench node");
        using var dataplane = new NftablesDataplane(node.Run(static () => NetlinkKernel.Open()));
        var compiler = new NodeCompiler(state, ClusterShape.Node);
        dataplane.Replace(compiler.Snapshot());
        var compiled = ProcessMemory.Managed();
        var settled = ProcessMemory.Resident();
        var peak = ProcessMemory.Peak();
        // What a repair costs: the whole table once more, out of a settled process.
        dataplane.Replace(compiler.Snapshot());
        var replaced = ProcessMemory.Peak();
        GC.KeepAlive(state);
        return new MemoryFigures(
            withPods - start,
            withPolicies - withPods,
            compiled - withPolicies,
            empty,
            settled,
            peakIngest,
            peak,
            replaced
        );
    }

    private static void Ingest(ClusterState state, IEnumerable<ClusterObject> objects)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var item in objects)
        {
            line.ResetWrittenCount();
            ManifestWriter.Write(item, line);
            ApiObjectReader.ReadSelfDescribing(line.WrittenSpan, out var read);
            state.Upsert(read!.Value);
        }
    }
}
