using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Carries scripts to the kernel and reads it back: the tools of one variant of iptables with ipset, or in tests a fake
/// that executes the scripts in memory.
/// </summary>
public interface IIptables : IDisposable
{
    /// <summary>The program, for people: <c>iptables-nft</c>, <c>iptables-legacy</c>.</summary>
    string Name { get; }

    /// <summary>Runs ipset restore: commands one after the other, up to the first that fails.</summary>
    /// <exception cref="DataplaneException">One failed. Those before it are in force.</exception>
    void RestoreSets(string script);

    /// <summary>Runs iptables-restore --noflush or ip6tables-restore --noflush.</summary>
    /// <exception cref="DataplaneException">It was rejected; nothing has changed.</exception>
    void RestoreTable(IpFamily family, string script);

    /// <summary>Waits until no packet is in flight that has looked anything up before the last run.</summary>
    void WaitForPackets();

    /// <summary>Reads Podfence's rules and sets.</summary>
    /// <exception cref="DataplaneException">It could not be read.</exception>
    IptSnapshot Read();

    /// <summary>
    /// A number that changes with every change of a filter table, by any program; null where the kernel has none.
    /// </summary>
    uint? Generation();
}
