using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Compiles a cluster's state to the ruleset of one node. The ruleset is a pure function of the state; the compiler listens to every change and does
/// work in proportion to what the change affects. Hearing a change marks what it touches; <see cref="Flush"/> works it out.
/// </summary>
public sealed class NodeCompiler : IClusterObserver
{
    private readonly ClusterState _state;
    private readonly string _nodeName;
    private readonly CompilerOptions _options;
    private readonly SetCatalog _sets;
    private readonly FenceCatalog _fences;
    private readonly KnownPodIps? _known;
    private readonly AnchorIndex<PolicyKey> _subjects = new();
    private readonly Dictionary<string, HashSet<IpAddress>> _localByNamespace = [];
    private readonly Dictionary<IpAddress, AddressFences> _guards = [];
    private readonly HashSet<IpAddress> _dirty = [];

    /// <summary>Takes the state as it is and listens to it from now on.</summary>
    /// <param name="state">The cluster; written by the thread that calls this compiler.</param>
    /// <param name="nodeName">The node whose pods are fenced.</param>
    /// <param name="options">Settings; the defaults where absent.</param>
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

    /// <summary>Fences that could not be built and are closed instead, as of the last <see cref="Flush"/>. To be told to people.</summary>
    public IReadOnlyCollection<FenceBuildFailure> Faults => _fences.Faults;

    /// <summary>The fenced addresses of this node as of the last <see cref="Flush"/>.</summary>
    public IReadOnlyDictionary<IpAddress, FencedEndpoint> Endpoints => _guards.ToDictionary(static guard => guard.Key, static guard => guard.Value.Endpoint);

    /// <summary>The way from the ruleset of the last call to the present one.</summary>
    public RulesetDelta Flush()
    {
        var endpoints = new Dictionary<IpAddress, Change<FencedEndpoint>>();
        PodFences? last = null;
        foreach (var address in _dirty)
        {
            var before = _guards.GetValueOrDefault(address);
            var after = GuardOf(address, ref last);
            _fences.Acquire(after);
            _fences.Release(before);
            if (after is null)
            {
                _guards.Remove(address);
            }
            else
            {
                _guards[address] = after;
            }

            var (was, willBe) = (before?.Endpoint, after?.Endpoint);
            if (was != willBe)
            {
                endpoints[address] = new Change<FencedEndpoint>(was, willBe);
            }
        }

        _dirty.Clear();
        var fences = _fences.Flush();
        var (added, removed, changed) = _sets.Flush();
        var delta = new RulesetDelta
        {
            AddedSets = added,
            RemovedSets = removed,
            ChangedSets = changed,
            Fences = fences,
            Endpoints = endpoints,
        };
        return _known?.Flush() is var (ranges, addresses) ? delta with { PodRanges = ranges, KnownPodIps = addresses } : delta;
    }

    /// <summary>The whole ruleset as of now. What <see cref="Flush"/> would have told is in it, and is not told again.</summary>
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
        if (!_sets.TellsApart(before, after))
        {
            return;
        }

        foreach (var pod in _state.PodsIn((before ?? after)!.Name))
        {
            foreach (var address in pod.IsEndpoint ? pod.Addresses : default)
            {
                if (_state.Owns(pod, address))
                {
                    _sets.EndpointChanged(address, (pod, before), (pod, after));
                }
            }
        }
    }

    /// <summary>Only the own node's pod ranges matter, if anything: rules tell the own node by locality, and other nodes only by address.</summary>
    public void NodeChanged(Node? before, Node? after) => _known?.NodeChanged(before, after);

    /// <inheritdoc/>
    public void PolicyChanged(NetworkPolicy? before, NetworkPolicy? after)
    {
        if (before is not null)
        {
            _subjects.Remove(before.Key, before.Key.Namespace, null, before.PodSelector);
        }

        if (after is not null)
        {
            _subjects.Add(after.Key, after.Key.Namespace, null, after.PodSelector);
        }

        var key = (before ?? after)!.Key;
        _fences.PolicyChanged(key);
        foreach (var address in _localByNamespace.GetValueOrDefault(key.Namespace) ?? [])
        {
            var labels = _state.OwnerOf(address)!.Labels;
            if ((before?.PodSelector.SelectsSubject(labels) ?? false) || (after?.PodSelector.SelectsSubject(labels) ?? false))
            {
                _dirty.Add(address);
            }
        }
    }

    private bool IsLocal(Pod pod) => string.Equals(pod.NodeName, _nodeName, StringComparison.Ordinal);

    private (Pod Pod, Namespace? Namespace)? WithNamespace(Pod? pod) => pod is null ? null : (pod, _state.Namespaces.GetValueOrDefault(pod.Key.Namespace));

    /// <summary>Which fences an address has to be behind; null where none.</summary>
    /// <param name="address">The address.</param>
    /// <param name="last">The pod that was looked at last: its other address has the same fences in the other family.</param>
    private AddressFences? GuardOf(IpAddress address, ref PodFences? last)
    {
        if (_state.OwnerOf(address) is not { } pod || !IsLocal(pod))
        {
            return null;
        }

        if (!ReferenceEquals(last?.Pod, pod))
        {
            var selecting = new List<NetworkPolicy>();
            foreach (var key in _subjects.Candidates(pod.Key.Namespace, null, pod.Labels))
            {
                var policy = _state.FindPolicy(key)!;
                if (policy.PodSelector.SelectsSubject(pod.Labels))
                {
                    selecting.Add(policy);
                }
            }

            selecting.Sort(static (one, other) => one.Key.CompareTo(other.Key));
            last = new PodFences(pod, FenceKeyOf(Direction.Ingress, address.Family, pod, selecting), FenceKeyOf(Direction.Egress, address.Family, pod, selecting));
        }

        var (ingress, egress) = (last.Ingress?.In(address.Family), last.Egress?.In(address.Family));
        return ingress is null && egress is null ? null : new AddressFences(ingress, egress, pod.Key);
    }

    private static FenceKey? FenceKeyOf(Direction direction, IpFamily family, Pod pod, List<NetworkPolicy> selecting)
    {
        var isolating = selecting.FindAll(policy => policy.Isolates(direction));
        if (isolating.Count == 0)
        {
            return null;
        }

        var ports = direction == Direction.Ingress ? NamedPortResolver.Resolve(pod, isolating.SelectMany(static policy => policy.Ingress)) : default;
        return new FenceKey(direction, family, isolating.ConvertAll(static policy => policy.Key).ToEquatableArray(), ports);
    }

    /// <summary>The fences of one pod, in one of its families.</summary>
    private sealed record PodFences(Pod Pod, FenceKey? Ingress, FenceKey? Egress);
}
