using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Says whether a connection would be refused if it began now, by a fence of this node. It is judged as the fences would see its first packet: by who called, and by whom
/// answers, which is after translation. What cannot be judged is not denied.
/// </summary>
internal sealed class ConntrackPolicy(ClusterState state, string nodeName, EvaluatorOptions options, Func<IpAddress, bool> isOfThisNode)
{
    // Clients call the same servers again and again, each time from another port, which no policy asks for.
    private const int MostRemembered = 10_000;
    private readonly Dictionary<(IpAddress Source, IpAddress Destination, byte Protocol, int Port), bool> _verdicts = [];
    private readonly Evaluator _evaluator = new(state, options);

    /// <summary>The cluster is not what it was.</summary>
    public void Forget() => _verdicts.Clear();

    /// <summary>Whether a fence of this node would refuse it.</summary>
    /// <exception cref="DataplaneException">The kernel does not say whose an address is.</exception>
    public bool IsDenied(in TrackedConnection connection)
    {
        var (source, destination, port) = (connection.Original.Source, connection.Reply.Source, connection.Reply.SourcePort);
        var protocol = (Protocol)connection.Original.Protocol;
        var hasPorts = protocol is Protocol.Tcp or Protocol.Udp or Protocol.Sctp;

        // What another connection foretold was let through unjudged, and what other tools keep apart in zones is theirs.
        if (connection.Status.HasFlag(ConnectionStatus.Expected) || connection.Zone != 0 || source.Family != destination.Family || (hasPorts && port == 0))
        {
            return false;
        }

        var key = (source, destination, connection.Original.Protocol, hasPorts ? port : 0);
        if (!_verdicts.TryGetValue(key, out var denied))
        {
            if (_verdicts.Count >= MostRemembered)
            {
                _verdicts.Clear();
            }

            _verdicts[key] = denied = IsDenied(source, destination, hasPorts ? protocol : null, port);
        }

        return denied;
    }

    private bool IsDenied(IpAddress source, IpAddress destination, Protocol? protocol, int port)
    {
        if (_evaluator.IsAllowed(FlowOf(FlowEndpoint.Resolve(state, source), FlowEndpoint.Resolve(state, destination), protocol, port)))
        {
            return false;
        }

        // A node also speaks from bridges and tunnels that its status does not list.
        var verdict = _evaluator.Evaluate(FlowOf(EndOf(source), EndOf(destination), protocol, port));
        return IsDeniedHere(verdict.Egress) || IsDeniedHere(verdict.Ingress);
    }

    private static Flow FlowOf(FlowEndpoint source, FlowEndpoint destination, Protocol? protocol, int port) =>
        protocol is { } known ? new Flow(source, destination, known, port) : Flow.OfOtherProtocol(source, destination);

    private FlowEndpoint EndOf(IpAddress address) =>
        state.OwnerOf(address) is null && isOfThisNode(address) ? FlowEndpoint.OfNode(nodeName, address) : FlowEndpoint.Resolve(state, address);

    /// <summary>The side of a pod of another node is that node's to cut.</summary>
    private bool IsDeniedHere(SideVerdict side) =>
        !side.Allowed && side.Pod is { } pod && string.Equals(state.FindPod(pod)?.NodeName, nodeName, StringComparison.Ordinal);
}
