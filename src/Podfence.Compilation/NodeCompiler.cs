using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Compiles a cluster's state to the ruleset of one node. The ruleset is a pure function of the state. The compiler
/// observes every change of the state and does work in proportion to what the change affects: an observed change only
/// marks what it touches, <see cref="Flush"/> compiles it.
/// </summary>
public sealed class NodeCompiler : IClusterObserver
{
    private readonly ClusterState _state;
    private readonly string _nodeName;
    private readonly CompilerOptions _options;
    private readonly SetCatalog _sets;
    private readonly FenceCatalog _fences;
    private readonly KnownPodIps? _known;
    private readonly AnchorIndex<PolicyKey> _policies = new();
    private readonly Dictionary<string, HashSet<IpAddress>> _localByNamespace = [];
    private readonly Dictionary<IpAddress, AddressFences> _fencesByAddress = [];
    private readonly HashSet<IpAddress> _dirty = [];

    /// <summary>Starts from the present state and observes it from now on.</summary>
    /// <param name="state">The cluster; written by the thread that calls this compiler.</param>
    /// <param name="nodeName">The node whose pods are fenced.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    public NodeCompiler(ClusterState state, string nodeName, CompilerOptions? options = null)
    {
        _state = state;
        _nodeName = nodeName;
        _options = options ?? new CompilerOptions();
        _sets = new SetCatalog(state);
        _fences = new FenceCatalog(_options, _sets, state);
        foreach (var policy in state.Policies)
        {
            PolicyChanged(null, policy);
        }

        foreach (var pod in state.Pods.Where(IsLocal))
        {
            foreach (var address in pod.Addresses.Where(address => state.Owns(pod, address)))
            {
                EndpointChanged(address, null, pod);
            }
        }

        _known = _options.Ruleset.UnknownPodIps == UnknownPodIps.Deny ? new KnownPodIps(state, nodeName) : null;
        state.Observe(this);
    }

    /// <summary>Settings that shape the rules.</summary>
    public RulesetOptions Options => _options.Ruleset;

    /// <summary>
    /// Fences that could not be built and deny everything instead, as of the last <see cref="Flush"/>.
    /// </summary>
    public IReadOnlyCollection<FenceBuildFailure> BuildFailures => _fences.BuildFailures;

    /// <summary>The fenced addresses of this node as of the last <see cref="Flush"/>.</summary>
    public IReadOnlyDictionary<IpAddress, FencedEndpoint> Endpoints =>
        _fencesByAddress.ToDictionary(static item => item.Key, static item => item.Value.Endpoint);

    /// <summary>The delta from the ruleset of the last call to the present one.</summary>
    public RulesetDelta Flush()
    {
        // The order matters: addresses decide which fences are in use, and fences decide which sets are.
        var endpoints = FlushEndpoints();
        var fences = _fences.Flush();
        var sets = _sets.Flush();
        var delta = new RulesetDelta
        {
            AddedSets = sets.Added,
            RemovedSets = sets.Removed,
            ChangedSets = sets.Changed,
            Fences = fences,
            Endpoints = endpoints,
        };
        return _known?.Flush() is var (ranges, addresses)
            ? delta with
            {
                PodRanges = ranges,
                KnownPodIps = addresses,
            }
            : delta;
    }

    /// <summary>
    /// The whole present ruleset. It includes the changes since the last <see cref="Flush"/>, which are not reported
    /// again.
    /// </summary>
    public Ruleset Snapshot()
    {
        Flush();
        return new Ruleset
        {
            Options = Options,
            Sets = _sets.Contents,
            Fences = _fences.Contents,
            Endpoints = Endpoints,
            PodRanges = _known?.Ranges ?? default,
            KnownPodIps = _known?.Contents ?? [],
        };
    }

    /// <inheritdoc/>
    public void EndpointChanged(IpAddress address, Pod? before, Pod? after)
    {
        _sets.EndpointChanged(address, WithNamespace(before), WithNamespace(after));
        _known?.EndpointChanged(address, before, after);
        if (before is not null && IsLocal(before))
        {
            var local = _localByNamespace[before.Key.Namespace];
            local.Remove(address);
            if (local.Count == 0)
            {
                _localByNamespace.Remove(before.Key.Namespace);
            }

            _dirty.Add(address);
        }

        if (after is not null && IsLocal(after))
        {
            if (!_localByNamespace.TryGetValue(after.Key.Namespace, out var local))
            {
                _localByNamespace[after.Key.Namespace] = local = [];
            }

            local.Add(address);
            _dirty.Add(address);
        }
    }

    /// <inheritdoc/>
    public void NamespaceChanged(Namespace? before, Namespace? after)
    {
        if (!_sets.SelectsDifferently(before, after))
        {
            return;
        }

        foreach (var pod in _state.PodsIn((before ?? after)!.Name))
        {
            foreach (var address in pod.IsEndpoint ? pod.Addresses : default)
            {
                if (_state.Owns(pod, address))
                {
                    _sets.EndpointChanged(address, new(pod, before), new(pod, after));
                }
            }
        }
    }

    /// <summary>
    /// Only this node's pod ranges can matter. Rules recognise this node by the hook that a packet passes, and match
    /// other nodes only by address.
    /// </summary>
    public void NodeChanged(Node? before, Node? after) => _known?.NodeChanged(before, after);

    /// <inheritdoc/>
    public void PolicyChanged(NetworkPolicy? before, NetworkPolicy? after)
    {
        if (before is not null)
        {
            _policies.Remove(before.Key, new(before.Key.Namespace, null, before.PodSelector));
        }

        if (after is not null)
        {
            _policies.Add(after.Key, new(after.Key.Namespace, null, after.PodSelector));
        }

        var key = (before ?? after)!.Key;
        _fences.PolicyChanged(key);
        foreach (var address in _localByNamespace.GetValueOrDefault(key.Namespace) ?? [])
        {
            var labels = _state.OwnerOf(address)!.Labels;
            if (
                (before?.PodSelector.SelectsSubject(labels) ?? false)
                || (after?.PodSelector.SelectsSubject(labels) ?? false)
            )
            {
                _dirty.Add(address);
            }
        }
    }

    private Dictionary<IpAddress, Change<FencedEndpoint>> FlushEndpoints()
    {
        var changes = new Dictionary<IpAddress, Change<FencedEndpoint>>();
        PodFences? last = null;
        foreach (var address in _dirty)
        {
            var before = _fencesByAddress.GetValueOrDefault(address);
            var after = FencesOf(address, ref last);
            _fences.Acquire(after);
            _fences.Release(before);
            if (after is null)
            {
                _fencesByAddress.Remove(address);
            }
            else
            {
                _fencesByAddress[address] = after;
            }

            if (before?.Endpoint != after?.Endpoint)
            {
                changes[address] = new Change<FencedEndpoint>(before?.Endpoint, after?.Endpoint);
            }
        }

        _dirty.Clear();
        return changes;
    }

    private bool IsLocal(Pod pod) => string.Equals(pod.NodeName, _nodeName, StringComparison.Ordinal);

    private AddressOwner? WithNamespace(Pod? pod) =>
        pod is null ? null : new AddressOwner(pod, _state.Namespaces.GetValueOrDefault(pod.Key.Namespace));

    /// <summary>The fences that an address must be covered by; null if none.</summary>
    /// <param name="address">The address.</param>
    /// <param name="last">
    /// The pod of the previous call: its other address has the same fences in the other family.
    /// </param>
    private AddressFences? FencesOf(IpAddress address, ref PodFences? last)
    {
        if (_state.OwnerOf(address) is not { } pod || !IsLocal(pod))
        {
            return null;
        }

        if (!ReferenceEquals(last?.Pod, pod))
        {
            var selecting = PoliciesSelecting(pod);
            last = new PodFences(
                pod,
                FenceKeyOf(Direction.Ingress, address.Family, pod, selecting),
                FenceKeyOf(Direction.Egress, address.Family, pod, selecting)
            );
        }

        var (ingress, egress) = (last.Ingress?.In(address.Family), last.Egress?.In(address.Family));
        return ingress is null && egress is null ? null : new AddressFences(ingress, egress, pod.Key);
    }

    private List<NetworkPolicy> PoliciesSelecting(Pod pod)
    {
        var selecting = new List<NetworkPolicy>();
        foreach (var key in _policies.Candidates(pod.Key.Namespace, null, pod.Labels))
        {
            var policy = _state.FindPolicy(key)!;
            if (policy.PodSelector.SelectsSubject(pod.Labels))
            {
                selecting.Add(policy);
            }
        }

        selecting.Sort(static (one, other) => one.Key.CompareTo(other.Key));
        return selecting;
    }

    private static FenceKey? FenceKeyOf(Direction direction, IpFamily family, Pod pod, List<NetworkPolicy> selecting)
    {
        var isolating = selecting.FindAll(policy => policy.Isolates(direction));
        if (isolating.Count == 0)
        {
            return null;
        }

        var ports =
            direction == Direction.Ingress
                ? NamedPortResolver.Resolve(pod, isolating.SelectMany(static policy => policy.Ingress))
                : default;
        return new FenceKey(
            direction,
            family,
            isolating.ConvertAll(static policy => policy.Key).ToEquatableArray(),
            ports
        );
    }

    /// <summary>The fences of one pod, in one of its families.</summary>
    private sealed record PodFences(Pod Pod, FenceKey? Ingress, FenceKey? Egress);
}
