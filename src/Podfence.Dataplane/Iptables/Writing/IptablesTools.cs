using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>Runs iptables-restore, iptables-save and ipset.</summary>
public sealed class IptablesTools : IIptables
{
    // iptables-nft needs no lock; iptables-legacy waits for this long while another program writes.
    private const string SecondsForTheLock = "20";

    // All that iptables-nft-save prints where another program has added rules to the table that iptables cannot
    // express.
    private const string Incompatible = "is incompatible, use 'nft' tool";

    private readonly IToolRunner _tools;
    private readonly IptablesVariant _variant;
    private readonly NetlinkKernel? _netlink;

    /// <param name="tools">Runs the programs.</param>
    /// <param name="variant">The variant of iptables.</param>
    /// <param name="netns">The network namespace of the nf_tables generation.</param>
    public IptablesTools(IToolRunner tools, IptablesVariant variant, INetworkNamespace netns)
    {
        _tools = tools;
        _variant = variant;
        _netlink = variant == IptablesVariant.Nft ? netns.Run(static () => NetlinkKernel.Open()) : null;
    }

    /// <inheritdoc/>
    public string Name => IptablesVariants.Program(_variant, IpFamily.IPv4, "");

    /// <inheritdoc/>
    public void RestoreSets(string script) => Run("ipset", ["restore"], script);

    /// <inheritdoc/>
    public void RestoreTable(IpFamily family, string script) =>
        Run(IptablesVariants.Program(_variant, family, "restore"), ["--noflush", "-w", SecondsForTheLock], script);

    /// <inheritdoc/>
    public void WaitForPackets() => RcuBarrier.Wait();

    /// <inheritdoc/>
    public IptSnapshot Read() =>
        new(
            IpFamilies.All.ToDictionary(static family => family, ReadTable),
            SaveParser.ReadSets(Run("ipset", ["save"], ""))
        );

    /// <inheritdoc/>
    public uint? Generation() => _netlink?.Generation();

    /// <inheritdoc/>
    public void Dispose() => _netlink?.Dispose();

    private TableSnapshot ReadTable(IpFamily family)
    {
        var output = Run(IptablesVariants.Program(_variant, family, "save"), ["-t", "filter"], "");
        return output.Contains(Incompatible, StringComparison.Ordinal)
            ? new ChainWalker(_tools, _variant, family).Read()
            : SaveParser.ReadTable(output);
    }

    private string Run(string program, string[] arguments, string input)
    {
        var result = _tools.Run(program, arguments, input);
        return result.ExitCode == 0 ? result.Output : throw ToolFailure.Of(program, result, input);
    }
}
