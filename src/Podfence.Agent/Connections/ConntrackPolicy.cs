using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Decides whether a fence of this node would deny a connection if it began now. The connection is evaluated as the
/// fences would see its first packet: by the source of the original tuple and the source of the reply tuple, which is
/// the destination after NAT. A connection that cannot be evaluated is not denied.
/// </summary>
internal sealed class ConntrackPolicy(
    ClusterState state,
    string nodeName,
    EvaluatorOptions options,
    Func<IpAddress, bool> isOfThisNode
)
{
    // Clients connect to the same servers again and again, each time from another source port, which no policy matches.
    private const int MaxVerdicts = 10_000;
    private readonly Dictionary<(IpAddress Source, IpAddress Destination, byte Protocol, int Port), bool> _verdicts =
    [];
    private readonly Evaluator _evaluator = new(state, options);

    /// <summary>The cluster has changed: cached verdicts are discarded.</summary>
    public void Reset() => _verdicts.Clear();

    /// <summary>Whether a fence of this node would deny it.</summary>
    /// <exception cref="DataplaneException">The node's own addresses could not be read.</exception>
    public bool IsDenied(in TrackedConnection connection)
    {
        var (source, destination, port) = (
            connection.Original.Source,
            connection.Reply.Source,
            connection.Reply.SourcePort
        );
        var protocol = (Protocol)connection.Original.Protocol;
        var hasPorts = protocol is Protocol.Tcp or Protocol.Udp or Protocol.Sctp;

        // RELATED connections are accepted without a policy check, and other conntrack zones belong to other programs.
        if (
            connection.Status.HasFlag(ConnectionStatus.Expected)
            || connection.Zone != 0
            || source.Family != destination.Family
            || (hasPorts && port == 0)
        )
        {
            return false;
        }

        var key = (source, destination, connection.Original.Protocol, hasPorts ? port : 0);
        if (!_verdicts.TryGetValue(key, out var denied))
        {
            if (_verdicts.Count >= MaxVerdicts)
            {
                _verdicts.Clear();
            }

            _verdicts[key] = denied = IsDenied(source, destination, hasPorts ? protocol : null, port);
        }

        return denied;
    }

    private bool IsDenied(IpAddress source, IpAddress destination, Protocol? protocol, int port)
    {
        if (
            _evaluator.IsAllowed(
                FlowOf(FlowEndpoint.Resolve(state, source), FlowEndpoint.Resolve(state, destination), protocol, port)
            )
        )
        {
            return false;
        }

        // A node also sends from addresses of bridges and tunnels that its status does not list.
        var verdict = _evaluator.Evaluate(FlowOf(EndOf(source), EndOf(destination), protocol, port));
        return IsDeniedHere(verdict.Egress) || IsDeniedHere(verdict.Ingress);
    }

    private static Flow FlowOf(FlowEndpoint source, FlowEndpoint destination, Protocol? protocol, int port) =>
        protocol is { } known ? new Flow(source, destination, known, port) : Flow.OfOtherProtocol(source, destination);

    private FlowEndpoint EndOf(IpAddress address) =>
        state.OwnerOf(address) is null && isOfThisNode(address)
            ? FlowEndpoint.OfNode(nodeName, address)
            : FlowEndpoint.Resolve(state, address);

    // The fence of a pod on another node is enforced there.
    private bool IsDeniedHere(SideVerdict side) =>
        !side.Allowed
        && side.Pod is { } pod
        && string.Equals(state.FindPod(pod)?.NodeName, nodeName, StringComparison.Ordinal);
}
