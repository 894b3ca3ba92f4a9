using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>The two programs that call themselves iptables. They write to different places in the kernel, and packets pass both.</summary>
public enum IptablesVariant : byte
{
    /// <summary>Translates to nf_tables.</summary>
    Nft,

    /// <summary>The tables of old.</summary>
    Legacy,
}

/// <summary>Finds out which variant a host works with. Two that work side by side are the classic way to lose sight of what is in force.</summary>
public static class IptablesVariants
{
    private const string LegacyTables = "/proc/thread-self/net/ip_tables_names";

    /// <summary>The program of a variant: <c>iptables-nft-restore</c>.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="family">The family.</param>
    /// <param name="verb"><c>restore</c>, <c>save</c>, or empty.</param>
    public static string Program(IptablesVariant variant, IpFamily family, string verb) =>
        $"{(family == IpFamily.IPv4 ? "iptables" : "ip6tables")}-{(variant == IptablesVariant.Nft ? "nft" : "legacy")}{(verb.Length == 0 ? "" : $"-{verb}")}";

    /// <summary>
    /// The variant in which the host's kubelet or kube-proxy has its chains; else the one that <c>iptables</c> is; else the one that is installed.
    /// </summary>
    /// <exception cref="DataplaneException">Neither is installed.</exception>
    public static IptablesVariant Detect(IToolRunner tools, INetworkNamespace place)
    {
        if (HasKubernetes(IptablesVariant.Nft, tools))
        {
            return IptablesVariant.Nft;
        }

        if (LegacyHas(place, "mangle") && HasKubernetes(IptablesVariant.Legacy, tools))
        {
            return IptablesVariant.Legacy;
        }

        if (tools.Has("iptables") && tools.Run("iptables", ["--version"], "") is { ExitCode: 0 } version)
        {
            return version.Output.Contains("legacy", StringComparison.Ordinal) ? IptablesVariant.Legacy : IptablesVariant.Nft;
        }

        return IsInstalled(tools, IptablesVariant.Nft) ? IptablesVariant.Nft
            : IsInstalled(tools, IptablesVariant.Legacy) ? IptablesVariant.Legacy
            : throw ToolFailure.Missing("iptables");
    }

    /// <summary>Whether a variant's programs are there.</summary>
    public static bool IsInstalled(IToolRunner tools, IptablesVariant variant) => tools.Has(Program(variant, IpFamily.IPv4, "restore"));

    /// <summary>Whether somebody has used a table of the legacy variant: asking iptables-legacy itself would make the kernel set it up.</summary>
    public static bool LegacyHas(INetworkNamespace place, string table) =>
        place.Run(() => File.Exists(LegacyTables) && File.ReadAllLines(LegacyTables).Contains(table, StringComparer.Ordinal));

    // kubelet marks the variant by KUBE-IPTABLES-HINT or KUBE-KUBELET-CANARY, kube-proxy by KUBE-PROXY-CANARY, all in mangle.
    private static bool HasKubernetes(IptablesVariant variant, IToolRunner tools)
    {
        var save = Program(variant, IpFamily.IPv4, "save");
        return tools.Has(save) && tools.Run(save, ["-t", "mangle"], "") is { ExitCode: 0 } saved && saved.Output.Contains("\n:KUBE-", StringComparison.Ordinal);
    }
}
