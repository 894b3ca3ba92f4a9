using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Names of chains and sets: what begins with <see cref="Prefix"/> is ours, and nothing else is. Names stand for identity or content, never for time or order.
/// Six bits a letter, as iptables leaves 28 letters for a chain and ipset 31 for a set: 108 bits of SHA-256 for chains, 114 for sets.
/// </summary>
public static class IptNames
{
    /// <summary>What all our names begin with.</summary>
    public const string Prefix = "PODFENCE-";

    /// <summary>Our chain of packets that pass through.</summary>
    public const string Forward = Prefix + "FORWARD";

    /// <summary>Our chain of packets for the node itself.</summary>
    public const string Input = Prefix + "INPUT";

    /// <summary>Our chain of packets that leave the node's own sockets.</summary>
    public const string Output = Prefix + "OUTPUT";

    /// <summary>Where every fence ends.</summary>
    public const string Refuse = Prefix + "REFUSE";

    /// <summary>What becomes of addresses that no policy knows.</summary>
    public const string LinkLocal = Prefix + "LINK-LOCAL";

    /// <summary>The set of link-local addresses; empty while nobody is fenced.</summary>
    public const string LinkLocalSet = Prefix + "LINK-LOCAL6";

    /// <summary>What becomes of packets from addresses that pods of this node may get.</summary>
    public const string UnknownSource = Prefix + "UNKNOWN-SRC";

    /// <summary>What becomes of packets to addresses that pods of this node may get.</summary>
    public const string UnknownDestination = Prefix + "UNKNOWN-DST";

    /// <summary>Where addresses end that nobody is known to own.</summary>
    public const string Unknown = Prefix + "UNKNOWN";

    private const int ChainCode = 18;
    private const int SetCode = 19;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>Whether a chain or set is ours.</summary>
    public static bool IsOurs(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The root of a direction's dispatch.</summary>
    public static string Dispatch(Direction direction) => Prefix + (direction == Direction.Ingress ? "INGRESS" : "EGRESS");

    /// <summary>The set of all fenced addresses of a direction, or of those below a branch of its dispatch.</summary>
    public static string DispatchSet(Direction direction, IpFamily family, string path) =>
        path.Length == 0 ? $"{Dispatch(direction)}{(int)family}" : $"{Dispatch(direction)}{(int)family}-{path}";

    /// <summary>The set of the blocks that pods of this node get addresses from.</summary>
    public static string RangesSet(IpFamily family, string content) => $"{Prefix}R{(int)family}{Code(content, SetCode)}";

    /// <summary>The set of the addresses in them that pods own.</summary>
    public static string KnownSet(IpFamily family) => $"{Prefix}KNOWN{(int)family}";

    /// <summary>Whether it is a set of the dispatch, or that of link-local addresses.</summary>
    internal static bool IsDispatchSet(string name) =>
        name == LinkLocalSet || name.StartsWith(Dispatch(Direction.Egress), StringComparison.Ordinal) || name.StartsWith(Dispatch(Direction.Ingress), StringComparison.Ordinal);

    /// <summary>A chain named by its content.</summary>
    /// <param name="kind">A letter that tells what it is for.</param>
    /// <param name="content">All that tells it from others.</param>
    public static string Chain(char kind, string content) => $"{Prefix}{kind}{Code(content, ChainCode)}";

    /// <summary>The set of the addresses behind a fence's chain: the same code, so that a person finds one from the other.</summary>
    public static string MemberSet(string chain, IpFamily family) => $"{Prefix}F{(int)family}{CodeOf(chain)}";

    /// <summary>The set that stands for one of the ruleset's.</summary>
    public static string PeerSet(SetId id) =>
        $"{Prefix}{(id.Kind switch { SetKind.Addresses => 'A', SetKind.Ranges => 'N', _ => 'E' })}{(int)id.Family}{Code(id.Name, SetCode)}";

    /// <summary>The set of the elements that another is to get, while a change is under way.</summary>
    public static string Added(string set, bool alternate) => set + (alternate ? '*' : '+');

    /// <summary>The set of the elements that another is to lose, while a change is under way.</summary>
    public static string Removed(string set, bool alternate) => set + (alternate ? '~' : '-');

    /// <summary>The n-th pair of bits of a chain's code, 0 to 3.</summary>
    internal static int Digit(string chain, int n) => (Alphabet.IndexOf(CodeOf(chain)[n / 3], StringComparison.Ordinal) >> (4 - (2 * (n % 3)))) & 3;

    private static ReadOnlySpan<char> CodeOf(string chain) => chain.AsSpan(Prefix.Length + 1);

    private static string Code(string content, int letters)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(content));
        return Base64Url.EncodeToString(digest)[..letters];
    }
}
