using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Names of chains and sets: those that begin with <see cref="Prefix"/> are Podfence's, and no others. Names are
/// derived from identity or content, never from time or order. Six bits per letter, as iptables allows 28 letters for a
/// chain and ipset 31 for a set: 108 bits of SHA-256 for chains, 114 for sets.
/// </summary>
public static class IptNames
{
    /// <summary>The prefix of all names.</summary>
    public const string Prefix = "PODFENCE-";

    /// <summary>The chain of forwarded packets.</summary>
    public const string Forward = Prefix + "FORWARD";

    /// <summary>The chain of packets for the node itself.</summary>
    public const string Input = Prefix + "INPUT";

    /// <summary>The chain of packets from the node's own sockets.</summary>
    public const string Output = Prefix + "OUTPUT";

    /// <summary>The deny chain, where every fence ends.</summary>
    public const string Deny = Prefix + "DENY";

    /// <summary>The chain of packets from and to link-local addresses.</summary>
    public const string LinkLocal = Prefix + "LINK-LOCAL";

    /// <summary>The set of link-local addresses; empty while no pod is fenced.</summary>
    public const string LinkLocalSet = Prefix + "LINK-LOCAL6";

    /// <summary>The chain of packets from pod ranges of this node.</summary>
    public const string UnknownSource = Prefix + "UNKNOWN-SRC";

    /// <summary>The chain of packets to pod ranges of this node.</summary>
    public const string UnknownDestination = Prefix + "UNKNOWN-DST";

    /// <summary>The deny chain of unknown pod IPs.</summary>
    public const string Unknown = Prefix + "UNKNOWN";

    private const int ChainCode = 18;
    private const int SetCode = 19;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>Whether a chain or set is Podfence's.</summary>
    public static bool IsOurs(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The root of a direction's dispatch.</summary>
    public static string Dispatch(Direction direction) =>
        Prefix + (direction == Direction.Ingress ? "INGRESS" : "EGRESS");

    /// <summary>The set of all fenced addresses of a direction, or of those below a branch of its dispatch.</summary>
    public static string DispatchSet(Direction direction, IpFamily family, string path) =>
        path.Length == 0 ? $"{Dispatch(direction)}{(int)family}" : $"{Dispatch(direction)}{(int)family}-{path}";

    /// <summary>The set of this node's pod ranges.</summary>
    public static string RangesSet(IpFamily family, string content) =>
        $"{Prefix}R{(int)family}{Code(content, SetCode)}";

    /// <summary>The set of known pod IPs.</summary>
    public static string KnownSet(IpFamily family) => $"{Prefix}KNOWN{(int)family}";

    /// <summary>Whether it is a set of the dispatch, or that of link-local addresses.</summary>
    internal static bool IsDispatchSet(string name) =>
        name == LinkLocalSet
        || name.StartsWith(Dispatch(Direction.Egress), StringComparison.Ordinal)
        || name.StartsWith(Dispatch(Direction.Ingress), StringComparison.Ordinal);

    /// <summary>A chain named by its content.</summary>
    /// <param name="kind">A letter for its purpose.</param>
    /// <param name="content">The content.</param>
    public static string Chain(char kind, string content) => $"{Prefix}{kind}{Code(content, ChainCode)}";

    /// <summary>
    /// The set of the addresses attached to a fence's chain: the same code, so that a person finds one from the other.
    /// </summary>
    public static string MemberSet(string chain, IpFamily family) => $"{Prefix}F{(int)family}{CodeOf(chain)}";

    /// <summary>The ipset of a set of the ruleset.</summary>
    public static string PeerSet(SetId id) => $"{Prefix}{LetterOf(id.Kind)}{(int)id.Family}{Code(id.Name, SetCode)}";

    /// <summary>The shadow set of elements to add to a set, while a change is in progress.</summary>
    public static string Added(string set, bool alternate) => set + (alternate ? '*' : '+');

    /// <summary>The shadow set of elements to remove from a set, while a change is in progress.</summary>
    public static string Removed(string set, bool alternate) => set + (alternate ? '~' : '-');

    /// <summary>The n-th pair of bits of a chain's code, 0 to 3.</summary>
    internal static int Digit(string chain, int n) =>
        (Alphabet.IndexOf(CodeOf(chain)[n / 3], StringComparison.Ordinal) >> (4 - (2 * (n % 3)))) & 3;

    private static char LetterOf(SetKind kind) =>
        kind switch
        {
            SetKind.Addresses => 'A',
            SetKind.Ranges => 'N',
            _ => 'E',
        };

    private static ReadOnlySpan<char> CodeOf(string chain) => chain.AsSpan(Prefix.Length + 1);

    private static string Code(string content, int letters)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(content));
        return Base64Url.EncodeToString(digest)[..letters];
    }
}
