namespace Podfence.Model;

/// <summary>
/// The objects of the cluster by name. Written by one thread; an upsert of an equal object is not a change.
/// It also determines who owns an address, because an ended, a terminating and a new pod may all have the same one.
/// </summary>
public sealed class ClusterState
{
    private readonly Dictionary<string, Dictionary<string, Pod>> _pods = [];
    private readonly Dictionary<string, Dictionary<string, NetworkPolicy>> _policies = [];
    private readonly Dictionary<string, Namespace> _namespaces = [];
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly AddressTable _addresses = new();
    private readonly RelistTracker _relists = new();
    private readonly List<IClusterObserver> _observers = [];

    /// <summary>All namespaces by name.</summary>
    public IReadOnlyDictionary<string, Namespace> Namespaces => _namespaces;

    /// <summary>All nodes by name.</summary>
    public IReadOnlyDictionary<string, Node> Nodes => _nodes;

    /// <summary>All pods, in no order.</summary>
    public IEnumerable<Pod> Pods => _pods.Values.SelectMany(static pods => pods.Values);

    /// <summary>All policies, in no order.</summary>
    public IEnumerable<NetworkPolicy> Policies => _policies.Values.SelectMany(static policies => policies.Values);

    /// <summary>Registers an observer of all further changes.</summary>
    public void Observe(IClusterObserver observer) => _observers.Add(observer);

    /// <summary>The pods of a namespace, in no order.</summary>
    public IReadOnlyCollection<Pod> PodsIn(string @namespace) =>
        _pods.TryGetValue(@namespace, out var pods) ? pods.Values : [];

    /// <summary>The policies of a namespace, in no order.</summary>
    public IReadOnlyCollection<NetworkPolicy> PoliciesIn(string @namespace) =>
        _policies.TryGetValue(@namespace, out var policies) ? policies.Values : [];

    /// <summary>A pod, or null.</summary>
    public Pod? FindPod(PodKey key) =>
        _pods.TryGetValue(key.Namespace, out var pods) ? pods.GetValueOrDefault(key.Name) : null;

    /// <summary>A policy, or null.</summary>
    public NetworkPolicy? FindPolicy(PolicyKey key) =>
        _policies.TryGetValue(key.Namespace, out var policies) ? policies.GetValueOrDefault(key.Name) : null;

    /// <summary>
    /// The endpoint that owns an address, or null. Of several claimants, a running pod takes precedence over a
    /// terminating one, then the younger over the older; pods that have ended own nothing.
    /// </summary>
    public Pod? OwnerOf(IpAddress address) => _addresses.OwnerOf(address);

    /// <summary>Whether the pod owns this address, which is one of its own.</summary>
    public bool Owns(Pod pod, IpAddress address) =>
        OwnerOf(address) is { } owner && (ReferenceEquals(owner, pod) || owner.Key == pod.Key);

    /// <summary>Applies one event of a source.</summary>
    public void Apply(ClusterEvent change)
    {
        switch (change)
        {
            case ObjectUpserted upserted:
                Upsert(upserted.Item);
                break;
            case ObjectRemoved removed:
                Remove(removed.Reference);
                break;
            case ListBegan began:
                BeginList(began.Kind);
                break;
            case ListEnded ended:
                EndList(ended.Kind);
                break;
        }
    }

    /// <summary>Adds an object, or replaces the one of that kind and name.</summary>
    public void Upsert(ClusterObject item)
    {
        switch (item)
        {
            case { Pod: { } pod }:
                Upsert(pod);
                break;
            case { Namespace: { } @namespace }:
                Upsert(@namespace);
                break;
            case { Node: { } node }:
                Upsert(node);
                break;
            case { Policy: { } policy }:
                Upsert(policy);
                break;
        }
    }

    /// <summary>Adds a pod, or replaces the one of that name.</summary>
    public void Upsert(Pod pod)
    {
        _relists.Mark(nameof(Pod), pod.Key.Namespace, pod.Key.Name);
        var before = FindPod(pod.Key);
        if (pod == before)
        {
            return;
        }

        if (!_pods.TryGetValue(pod.Key.Namespace, out var pods))
        {
            _pods[pod.Key.Namespace] = pods = [];
        }

        pods[pod.Key.Name] = pod;
        MoveAddresses(before, pod);
    }

    /// <summary>Removes a pod, if it exists.</summary>
    public void RemovePod(PodKey key)
    {
        if (_pods.TryGetValue(key.Namespace, out var pods) && pods.Remove(key.Name, out var before))
        {
            if (pods.Count == 0)
            {
                _pods.Remove(key.Namespace);
            }

            MoveAddresses(before, null);
        }
    }

    /// <summary>Adds a namespace, or replaces the one of that name.</summary>
    public void Upsert(Namespace @namespace)
    {
        _relists.Mark(nameof(Namespace), string.Empty, @namespace.Name);
        if (Put(_namespaces, @namespace.Name, @namespace, out var before))
        {
            _observers.ForEach(observer => observer.NamespaceChanged(before, @namespace));
        }
    }

    /// <summary>Removes a namespace, if it exists. The source removes its pods and policies itself.</summary>
    public void RemoveNamespace(string name)
    {
        if (_namespaces.Remove(name, out var before))
        {
            _observers.ForEach(observer => observer.NamespaceChanged(before, null));
        }
    }

    /// <summary>Adds a node, or replaces the one of that name.</summary>
    public void Upsert(Node node)
    {
        _relists.Mark(nameof(Node), string.Empty, node.Name);
        if (Put(_nodes, node.Name, node, out var before))
        {
            _observers.ForEach(observer => observer.NodeChanged(before, node));
        }
    }

    /// <summary>Removes a node, if it exists.</summary>
    public void RemoveNode(string name)
    {
        if (_nodes.Remove(name, out var before))
        {
            _observers.ForEach(observer => observer.NodeChanged(before, null));
        }
    }

    /// <summary>Adds a policy, or replaces the one of that name.</summary>
    public void Upsert(NetworkPolicy policy)
    {
        _relists.Mark(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name);
        if (!_policies.TryGetValue(policy.Key.Namespace, out var policies))
        {
            _policies[policy.Key.Namespace] = policies = [];
        }

        if (Put(policies, policy.Key.Name, policy, out var before))
        {
            _observers.ForEach(observer => observer.PolicyChanged(before, policy));
        }
    }

    /// <summary>Removes a policy, if it exists.</summary>
    public void RemovePolicy(PolicyKey key)
    {
        if (_policies.TryGetValue(key.Namespace, out var policies) && policies.Remove(key.Name, out var before))
        {
            if (policies.Count == 0)
            {
                _policies.Remove(key.Namespace);
            }

            _observers.ForEach(observer => observer.PolicyChanged(before, null));
        }
    }

    /// <summary>Removes the object that a reference names, if it exists. Other kinds are ignored.</summary>
    public void Remove(ObjectReference reference)
    {
        switch (reference.Kind)
        {
            case nameof(Pod):
                RemovePod(new PodKey(reference.Namespace ?? string.Empty, reference.Name));
                break;
            case nameof(NetworkPolicy):
                RemovePolicy(new PolicyKey(reference.Namespace ?? string.Empty, reference.Name));
                break;
            case nameof(Namespace):
                RemoveNamespace(reference.Name);
                break;
            case nameof(Node):
                RemoveNode(reference.Name);
                break;
        }
    }

    /// <summary>
    /// Begins a list: the objects of this kind that are upserted until <see cref="EndList"/> are all that exist. A
    /// second call starts over.
    /// </summary>
    public void BeginList(string kind) => _relists.Begin(kind);

    /// <summary>
    /// Removes the objects of this kind that were not upserted since the list began. Does nothing if no list has begun.
    /// </summary>
    public void EndList(string kind)
    {
        if (_relists.End(kind) is { } seen)
        {
            var removed = References(kind)
                .Where(reference => !seen.Contains((reference.Namespace ?? string.Empty, reference.Name)))
                .ToList();
            removed.ForEach(Remove);
        }
    }

    private IEnumerable<ObjectReference> References(string kind) =>
        kind switch
        {
            nameof(Pod) => Pods.Select(static pod => new ObjectReference(nameof(Pod), pod.Key.Namespace, pod.Key.Name)),
            nameof(NetworkPolicy) => Policies.Select(static policy => new ObjectReference(
                nameof(NetworkPolicy),
                policy.Key.Namespace,
                policy.Key.Name
            )),
            nameof(Namespace) => _namespaces.Keys.Select(static name => new ObjectReference(
                nameof(Namespace),
                null,
                name
            )),
            nameof(Node) => _nodes.Keys.Select(static name => new ObjectReference(nameof(Node), null, name)),
            _ => [],
        };

    private static bool Put<T>(Dictionary<string, T> objects, string name, T value, out T? before)
        where T : class
    {
        before = objects.GetValueOrDefault(name);
        if (value.Equals(before))
        {
            return false;
        }

        objects[name] = value;
        return true;
    }

    private void MoveAddresses(Pod? before, Pod? after)
    {
        foreach (var (address, ownerBefore, ownerAfter) in _addresses.Move(before, after))
        {
            _observers.ForEach(observer => observer.EndpointChanged(address, ownerBefore, ownerAfter));
        }
    }
}
