namespace Podfence.Model;

/// <summary>
/// What there is in the cluster: whole objects, keyed by name. Written by one thread; an upsert of an equal object is no change.
/// It also answers who owns an address, because pods that have ended, are going or come next may all name the same one.
/// </summary>
public sealed class ClusterState
{
    private readonly Dictionary<string, Dictionary<string, Pod>> _pods = [];
    private readonly Dictionary<string, Dictionary<string, NetworkPolicy>> _policies = [];
    private readonly Dictionary<string, Namespace> _namespaces = [];
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly AddressTable _addresses = new();
    private readonly RelistTracker _marks = new();
    private readonly List<IClusterObserver> _observers = [];

    /// <summary>All namespaces by name.</summary>
    public IReadOnlyDictionary<string, Namespace> Namespaces => _namespaces;

    /// <summary>All nodes by name.</summary>
    public IReadOnlyDictionary<string, Node> Nodes => _nodes;

    /// <summary>All pods, in no order.</summary>
    public IEnumerable<Pod> Pods => _pods.Values.SelectMany(static pods => pods.Values);

    /// <summary>All policies, in no order.</summary>
    public IEnumerable<NetworkPolicy> Policies => _policies.Values.SelectMany(static policies => policies.Values);

    /// <summary>Starts to tell an observer of every change from now on.</summary>
    public void Observe(IClusterObserver observer) => _observers.Add(observer);

    /// <summary>The pods of a namespace, in no order.</summary>
    public IReadOnlyCollection<Pod> PodsIn(string @namespace) => _pods.TryGetValue(@namespace, out var pods) ? pods.Values : [];

    /// <summary>The policies of a namespace, in no order.</summary>
    public IReadOnlyCollection<NetworkPolicy> PoliciesIn(string @namespace) =>
        _policies.TryGetValue(@namespace, out var policies) ? policies.Values : [];

    /// <summary>A pod, or null.</summary>
    public Pod? FindPod(PodKey key) => _pods.TryGetValue(key.Namespace, out var pods) ? pods.GetValueOrDefault(key.Name) : null;

    /// <summary>A policy, or null.</summary>
    public NetworkPolicy? FindPolicy(PolicyKey key) =>
        _policies.TryGetValue(key.Namespace, out var policies) ? policies.GetValueOrDefault(key.Name) : null;

    /// <summary>
    /// The endpoint that has an address, or null. Of several that claim it, a running one goes before one that terminates, then the younger before the older;
    /// pods that have ended own nothing.
    /// </summary>
    public Pod? OwnerOf(IpAddress address) => _addresses.OwnerOf(address);

    /// <summary>Whether the pod is the owner of this address of its own.</summary>
    public bool Owns(Pod pod, IpAddress address) => OwnerOf(address) is { } owner && (ReferenceEquals(owner, pod) || owner.Key == pod.Key);

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

    /// <summary>Puts an object in, in place of the one of that kind and name.</summary>
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

    /// <summary>Puts a pod in, in place of the one of that name.</summary>
    public void Upsert(Pod pod)
    {
        _marks.Mark(nameof(Pod), pod.Key.Namespace, pod.Key.Name);
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

    /// <summary>Takes a pod out; nothing happens where there is none.</summary>
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

    /// <summary>Puts a namespace in, in place of the one of that name.</summary>
    public void Upsert(Namespace @namespace)
    {
        _marks.Mark(nameof(Namespace), string.Empty, @namespace.Name);
        if (Put(_namespaces, @namespace.Name, @namespace, out var before))
        {
            _observers.ForEach(observer => observer.NamespaceChanged(before, @namespace));
        }
    }

    /// <summary>Takes a namespace out; its pods and policies are the source's to remove.</summary>
    public void RemoveNamespace(string name)
    {
        if (_namespaces.Remove(name, out var before))
        {
            _observers.ForEach(observer => observer.NamespaceChanged(before, null));
        }
    }

    /// <summary>Puts a node in, in place of the one of that name.</summary>
    public void Upsert(Node node)
    {
        _marks.Mark(nameof(Node), string.Empty, node.Name);
        if (Put(_nodes, node.Name, node, out var before))
        {
            _observers.ForEach(observer => observer.NodeChanged(before, node));
        }
    }

    /// <summary>Takes a node out.</summary>
    public void RemoveNode(string name)
    {
        if (_nodes.Remove(name, out var before))
        {
            _observers.ForEach(observer => observer.NodeChanged(before, null));
        }
    }

    /// <summary>Puts a policy in, in place of the one of that name.</summary>
    public void Upsert(NetworkPolicy policy)
    {
        _marks.Mark(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name);
        if (!_policies.TryGetValue(policy.Key.Namespace, out var policies))
        {
            _policies[policy.Key.Namespace] = policies = [];
        }

        if (Put(policies, policy.Key.Name, policy, out var before))
        {
            _observers.ForEach(observer => observer.PolicyChanged(before, policy));
        }
    }

    /// <summary>Takes a policy out; nothing happens where there is none.</summary>
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

    /// <summary>Takes the object out that a reference names; nothing happens where there is none, or where the kind is not one of ours.</summary>
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

    /// <summary>From now on until <see cref="EndList"/>, the objects of this kind that are put in are all that there are. Begun again, it starts over.</summary>
    public void BeginList(string kind) => _marks.Begin(kind);

    /// <summary>Takes out the objects of this kind that were not put in since the list began; nothing happens where none had begun.</summary>
    public void EndList(string kind)
    {
        if (_marks.End(kind) is { } seen)
        {
            var gone = References(kind).Where(reference => !seen.Contains((reference.Namespace ?? string.Empty, reference.Name))).ToList();
            gone.ForEach(Remove);
        }
    }

    private IEnumerable<ObjectReference> References(string kind) => kind switch
    {
        nameof(Pod) => Pods.Select(static pod => new ObjectReference(nameof(Pod), pod.Key.Namespace, pod.Key.Name)),
        nameof(NetworkPolicy) => Policies.Select(static policy => new ObjectReference(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name)),
        nameof(Namespace) => _namespaces.Keys.Select(static name => new ObjectReference(nameof(Namespace), null, name)),
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
