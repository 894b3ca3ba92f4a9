using System.Globalization;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>One endpoint as typed: a pod, a workload, a node or an address, and a port after a colon.</summary>
/// <param name="Pattern">The endpoint. Never a glob.</param>
/// <param name="Port">The text after the colon, or null.</param>
internal sealed record EndArgument(EndPattern Pattern, string? Port)
{
    /// <summary>The forms, for messages and help.</summary>
    public const string Forms =
        "[NAMESPACE/]POD, [NAMESPACE/]KIND/NAME (deploy/web), node:NAME or an address; a port after a colon";

    /// <summary>Reads an argument.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="namespace">The namespace of names without one.</param>
    /// <param name="state">The cluster: a name that no pod has may be that of a workload.</param>
    /// <exception cref="CliException">The text has none of the forms.</exception>
    public static EndArgument Parse(string text, string @namespace, ClusterState state)
    {
        var (name, port) = Split(text);
        var pattern = Find(name, @namespace, state);
        return pattern is PodPattern { IsGlob: true } || name.AsSpan().ContainsAny('*', '?')
            ? throw new CliException($"{text}: globs are not accepted here; podfence test takes them")
            : new(pattern, port);
    }

    private static EndPattern Find(string name, string @namespace, ClusterState state)
    {
        var parts = name.Split('/');
        var isAddress = IpText.TryParseStrict(name, out IpAddress _);
        var full = parts switch
        {
            _ when isAddress || name.StartsWith("node:", StringComparison.Ordinal) => name,
            [{ Length: > 0 } single] => $"{@namespace}/{single}",
            // A namespace may have the name of a kind; then its pods take precedence.
            [var kind, var single] when IsKind(kind) && state.FindPod(new(kind, single)) is null =>
                $"{@namespace}/{kind}/{single}",
            _ => name,
        };
        if (!EndPatternText.TryParse(full, out var pattern, out var fault))
        {
            throw new CliException($"{name}: {fault ?? "write " + Forms}");
        }

        return
            pattern is PodPattern pod
            && state.FindPod(new(pod.Namespace, pod.Name)) is null
            && WorkloadNamed(pod, state) is { } workload
            ? workload
            : pattern!;
    }

    private static bool IsKind(string word) => WorkloadKinds.Find(word) is not null || word is "pod" or "pods" or "po";

    /// <summary>The workload of the name, if there is exactly one.</summary>
    private static WorkloadPattern? WorkloadNamed(PodPattern name, ClusterState state)
    {
        var found = state
            .PodsIn(name.Namespace)
            .Select(static pod => pod.Workload)
            .OfType<WorkloadRef>()
            .Where(workload => workload.Name == name.Name)
            .Distinct()
            .ToList();
        return found is [var one] ? new(name.Namespace, one.Kind, one.Name) : null;
    }

    private static (string Name, string? Port) Split(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 0 and var close)
        {
            var rest = text[(close + 1)..];
            return (
                text[1..close],
                rest.StartsWith(':') ? rest[1..]
                : rest.Length == 0 ? null
                : throw new CliException($"{text}: write the port after a colon")
            );
        }

        var start = text.StartsWith("node:", StringComparison.Ordinal) ? "node:".Length : 0;
        var colon = text.IndexOf(':', start);
        // Several colons are an IPv6 address; with a port it is in brackets.
        return colon < 0 || text.IndexOf(':', colon + 1) > 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }

    /// <summary>
    /// The ports that the text selects on some destinations: a number, a number with a protocol (<c>53/UDP</c>), or a
    /// name that they declare.
    /// </summary>
    /// <exception cref="CliException">There is no such port.</exception>
    public static IReadOnlyList<(Protocol Protocol, int Port)> Ports(
        string text,
        Protocol? protocol,
        IReadOnlyList<Pod> destinations
    )
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0)
        {
            protocol =
                Enum.TryParse<Protocol>(text[(slash + 1)..], ignoreCase: true, out var stated)
                && !char.IsAsciiDigit(text[slash + 1])
                    ? stated
                    : throw new CliException($"port {text}: the protocol is TCP, UDP or SCTP");
            text = text[..slash];
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number is > 0 and <= 65535
                ? [(protocol ?? Protocol.Tcp, number)]
                : throw new CliException($"port {text}: ports are 1 to 65535");
        }

        var declared = destinations
            .SelectMany(static pod => pod.Ports)
            .Where(static port => port.Name is not null)
            .Distinct()
            .ToList();
        var named = declared
            .Where(port => port.Name == text && (protocol ?? port.Protocol) == port.Protocol)
            .Select(static port => (port.Protocol, port.Number))
            .Distinct()
            .ToList();
        var names = string.Join(
            ", ",
            declared
                .Select(static port => $"{port.Name} ({port.Number}/{port.Protocol.ToString().ToUpperInvariant()})")
                .Distinct()
        );
        return named.Count > 0
            ? named
            : throw new CliException(
                $"port {text}: the destination declares no port of this "
                    + $"name{(names.Length > 0 ? $"; it declares {names}" : "")}"
            );
    }
}
