using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>Podfence, over one of its dataplanes.</summary>
internal sealed class PodfenceSide : ISide
{
    private readonly IDataplane _dataplane;
    private readonly DataplaneKind _kind;
    private readonly ClusterState _state;
    private NodeCompiler? _compiler;

    public PodfenceSide(string name, DataplaneKind kind, PolicyLoad load, INetworkNamespace place)
    {
        Name = name;
        _kind = kind;
        _state = load.ToState();
        // Without looking for what other dataplanes may have left: that is done once in a process's life.
        var variant = kind == DataplaneKind.IptablesNft ? IptablesVariant.Nft : IptablesVariant.Legacy;
        _dataplane =
            kind == DataplaneKind.Nftables
                ? new NftablesDataplane(place.Run(static () => NetlinkKernel.Open()))
                : new IptablesDataplane(new IptablesTools(new ToolRunner(place), variant, place));
    }

    public string Name { get; }

    public int Rules
    {
        get
        {
            var ruleset = new NodeCompiler(_state, ClusterShape.Node).Snapshot();
            return _kind == DataplaneKind.Nftables
                ? RulesetLowering.Lower(ruleset).Chains.Values.Sum(static chain => chain.Rules.Count)
                : IptLowering
                    .Lower(ruleset)
                    .Chains.Values.Sum(static chains => chains.Values.Sum(static chain => chain.Rules.Count));
        }
    }

    public void Load()
    {
        _compiler = new NodeCompiler(_state, ClusterShape.Node);
        _dataplane.Replace(_compiler.Snapshot());
    }

    public void ChangePeer(bool comes)
    {
        if (comes)
        {
            _state.Upsert(PolicyLoad.Newcomer);
        }
        else
        {
            _state.RemovePod(PolicyLoad.Newcomer.Key);
        }

        _dataplane.Apply(_compiler!.Flush());
    }

    public void ChangePolicy(bool comes)
    {
        if (comes)
        {
            _state.Upsert(PolicyLoad.NewPolicy);
        }
        else
        {
            _state.RemovePolicy(PolicyLoad.NewPolicy.Key);
        }

        _dataplane.Apply(_compiler!.Flush());
    }

    public void Unload() => _dataplane.Cleanup();

    public void Dispose() => _dataplane.Dispose();
}
