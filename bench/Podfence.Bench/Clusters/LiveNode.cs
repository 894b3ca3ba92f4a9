using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>A node of a cluster with its compiler and a real packet filter, as an agent holds them.</summary>
internal sealed class LiveNode : IDisposable
{
    private readonly NetworkNamespace _namespace;
    private readonly NftablesDataplane _dataplane;
    private readonly NodeCompiler _compiler;

    public LiveNode(ClusterShape shape)
    {
        Shape = shape;
        State = shape.ToState();
        _namespace = NetworkNamespace.Create("bench node");
        _dataplane = new NftablesDataplane(_namespace.Run(static () => NetlinkKernel.Open()));
        _compiler = new NodeCompiler(State, ClusterShape.Node);
        _dataplane.Replace(_compiler.Snapshot());
    }

    public ClusterShape Shape { get; }

    public ClusterState State { get; }

    /// <summary>Makes a change and brings it into the kernel.</summary>
    public ChangeTime Time(Action change)
    {
        var whole = Stopclock.Start();
        change();
        var delta = _compiler.Flush();
        var compiled = whole.CpuSeconds;
        _dataplane.Apply(delta);
        return new ChangeTime(whole.WallSeconds, whole.CpuSeconds, compiled);
    }

    /// <summary>Compiles everything from scratch and loads it into an empty kernel.</summary>
    public ChangeTime TimeFromScratch()
    {
        _dataplane.Cleanup();
        var whole = Stopclock.Start();
        var ruleset = new NodeCompiler(State, ClusterShape.Node).Snapshot();
        var compiled = whole.CpuSeconds;
        _dataplane.Replace(ruleset);
        return new ChangeTime(whole.WallSeconds, whole.CpuSeconds, compiled);
    }

    public void Dispose()
    {
        _dataplane.Dispose();
        _namespace.Dispose();
    }
}

/// <summary>What a change took, in seconds.</summary>
/// <param name="Wall">By the clock.</param>
/// <param name="Cpu">Processor time, the kernel's part included: it commits in the thread that sends.</param>
/// <param name="Compiled">Of that, the state's and the compiler's.</param>
internal readonly record struct ChangeTime(double Wall, double Cpu, double Compiled);
