using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The two programs called iptables. They write to different tables of the kernel, and packets pass both.
/// </summary>
public enum IptablesVariant : byte
{
    /// <summary>Translates to nf_tables.</summary>
    Nft,

    /// <summary>Writes the legacy xtables.</summary>
    Legacy,
}

/// <summary>
/// Detects the variant that a host uses. Using both side by side is a classic source of confusion about the rules in
/// force.
/// </summary>
public static class IptablesVariants
{
    private const string LegacyTables = "/proc/thread-self/net/ip_tables_names";

    /// <summary>The program of a variant: <c>iptables-nft-restore</c>.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="family">The family.</param>
    /// <param name="verb"><c>restore</c>, <c>save</c>, or empty.</param>
    public static string Program(IptablesVariant variant, IpFamily family, string verb)
    {
        var program = family == IpFamily.IPv4 ? "iptables" : "ip6tables";
        var suffix = variant == IptablesVariant.Nft ? "nft" : "legacy";
        return verb.Length == 0 ? $"{program}-{suffix}" : $"{program}-{suffix}-{verb}";
    }

    /// <summary>
    /// The variant in which the host's kubelet or kube-proxy has its chains; else that of the program <c>iptables</c>;
    /// else the one that is installed.
    /// </summary>
    /// <exception cref="DataplaneException">Neither is installed.</exception>
    public static IptablesVariant Detect(IToolRunner tools, INetworkNamespace netns)
    {
        if (HasKubernetes(IptablesVariant.Nft, tools))
        {
            return IptablesVariant.Nft;
        }

        if (LegacyHas(netns, "mangle") && HasKubernetes(IptablesVariant.Legacy, tools))
        {
            return IptablesVariant.Legacy;
        }

        if (tools.Has("iptables") && tools.Run("iptables", ["--version"], "") is { ExitCode: 0 } version)
        {
            return version.Output.Contains("legacy", StringComparison.Ordinal)
                ? IptablesVariant.Legacy
                : IptablesVariant.Nft;
        }

        return IsInstalled(tools, IptablesVariant.Nft) ? IptablesVariant.Nft
            : IsInstalled(tools, IptablesVariant.Legacy) ? IptablesVariant.Legacy
            : throw ToolFailure.Missing("iptables");
    }

    /// <summary>Whether a variant's programs are installed.</summary>
    public static bool IsInstalled(IToolRunner tools, IptablesVariant variant) =>
        tools.Has(Program(variant, IpFamily.IPv4, "restore"));

    /// <summary>
    /// Whether a table of the legacy variant is in use: running iptables-legacy itself would make the kernel create it.
    /// </summary>
    public static bool LegacyHas(INetworkNamespace netns, string table) =>
        netns.Run(() =>
            File.Exists(LegacyTables) && File.ReadAllLines(LegacyTables).Contains(table, StringComparer.Ordinal)
        );

    // kubelet marks the variant by KUBE-IPTABLES-HINT or KUBE-KUBELET-CANARY, kube-proxy by KUBE-PROXY-CANARY, all in
    // mangle.
    private static bool HasKubernetes(IptablesVariant variant, IToolRunner tools)
    {
        var save = Program(variant, IpFamily.IPv4, "save");
        return tools.Has(save)
            && tools.Run(save, ["-t", "mangle"], "") is { ExitCode: 0 } saved
            && saved.Output.Contains("\n:KUBE-", StringComparison.Ordinal);
    }
}
