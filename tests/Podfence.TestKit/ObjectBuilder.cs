using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>Creates random objects with the names of one cluster.</summary>
internal sealed class ObjectBuilder
{
    private static readonly string[] s_values = ["a", "b", "c", ""];
    private static readonly string s_long = string.Concat(Enumerable.Repeat("abcdefghi.", 25)) + "end";

    private readonly Rng _rng;
    private readonly GeneratorOptions _options;
    private readonly int _stack;
    private readonly List<(int Node, int Number)> _taken = [];

    public ObjectBuilder(Rng rng, GeneratorOptions options)
    {
        _rng = rng;
        _options = options;
        Names = new Names(rng, rng.Between(1, options.MaxNodes));
        NamespaceNames = Enumerable.Range(0, rng.Between(1, options.MaxNamespaces)).Select(NamespaceName).ToList();
        _stack = rng.Weighted(4, 1, 6);
    }

    public Names Names { get; }

    public IReadOnlyList<string> NamespaceNames { get; }

    /// <summary>
    /// Whether a pod has an address at present: long sequences of changes reuse old addresses, but none in use.
    /// </summary>
    public Func<IpAddress, bool> InUse { get; set; } = static _ => false;

    public Node NewNode(int number)
    {
        var addresses = Families().Select(family => Names.NodeAddress(number, family)).ToList();
        if (_rng.Percent(20))
        {
            addresses.Add(Names.NodeAddress(number, IpFamily.IPv4, 1));
        }

        return new Node
        {
            Name = $"n{number}",
            Addresses = addresses.ToEquatableArray(),
            PodCidrs = IpFamilies.All.Select(family => Names.PodCidr(number, family)).ToEquatableArray(),
        };
    }

    public Namespace NewNamespace(string name) => Namespace.Create(name, Labels("team", "env"));

    public Pod NewPod(PodKey key, IReadOnlyCollection<Node> nodes)
    {
        var number = _rng.Between(1, Names.NodeCount);
        var pod = new Pod
        {
            Key = key,
            Labels = Labels("app", "tier"),
            NodeName = $"n{number}",
            Phase = PodPhase.Running,
            CreatedAt = _rng.Between(1, 20),
            Addresses = NewAddresses(number),
            Ports = Rng.Many(_rng.Weighted(1, 3, 3, 2, 1), NewContainerPort).ToEquatableArray(),
        };
        if (_rng.Percent(10))
        {
            var node = nodes.FirstOrDefault(candidate => candidate.Name == pod.NodeName);
            return pod with
            {
                HostNetwork = true,
                Addresses = node?.Addresses.Take(2).DistinctBy(static address => address.Family).ToEquatableArray()
                    ?? pod.Addresses,
            };
        }

        return _options.Unreal ? Twist(pod) : pod with { Terminating = _rng.Percent(5) };
    }

    public ContainerPort NewContainerPort() =>
        new(_rng.Percent(80) ? Names.PortName() : null, _rng.Pick(Names.Numbers), Names.AnyProtocol());

    /// <summary>
    /// One or two unused addresses, or, with <see cref="GeneratorOptions.Unreal"/>, those of another pod.
    /// </summary>
    public EquatableArray<IpAddress> NewAddresses(int node)
    {
        (int Node, int Number) slot;
        if (_options.Unreal && _taken.Count > 0 && _rng.Percent(12))
        {
            slot = _rng.Pick(_taken);
        }
        else
        {
            do
            {
                slot = (node, (_taken.Count(taken => taken.Node == node) % 250) + 2);
                _taken.Add(slot);
            } while (IpFamilies.All.Any(family => InUse(Names.PodAddress(slot.Node, slot.Number, family))));
        }

        return Families().Select(family => Names.PodAddress(slot.Node, slot.Number, family)).ToEquatableArray();
    }

    public LabelSet Labels(string first, string second)
    {
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var key in new[] { first, second })
        {
            if (_rng.Percent(65))
            {
                labels.Add(new(key, _rng.Pick(s_values)));
            }
        }

        return LabelSet.Create(labels);
    }

    public LabelSelector PodSelector() => Selector("app", "tier");

    public LabelSelector NamespaceSelector() =>
        _rng.Percent(20) ? new LabelSelector { Requirements = [NameRequirement()] } : Selector("team", "env");

    /// <summary>A short name, or sometimes one of maximum length.</summary>
    public string ObjectName(string prefix, int number)
    {
        var name = $"{prefix}{number}";
        return _rng.Percent(4) ? name + s_long[name.Length..] : name;
    }

    private static string NamespaceName(int number) =>
        number switch
        {
            0 => "default",
            3 => "longest-" + new string('n', 55),
            _ => $"ns{number}",
        };

    private IEnumerable<IpFamily> Families() =>
        (_stack, _rng.Below(6)) switch
        {
            (0, _) => [IpFamily.IPv4],
            (1, _) => [IpFamily.IPv6],

            // In a dual-stack cluster a pod may still have one family, or name the second one first.
            (_, 0) => [IpFamily.IPv4],
            (_, 1) => [IpFamily.IPv6, IpFamily.IPv4],
            _ => IpFamilies.All,
        };

    private Pod Twist(Pod pod) =>
        _rng.Weighted(70, 6, 4, 8, 3, 3, 3) switch
        {
            1 => pod with { Phase = PodPhase.Succeeded },
            2 => pod with { Phase = PodPhase.Failed, Terminating = _rng.Percent(30) },
            3 => pod with { Terminating = true },
            4 => pod with { NodeName = null, Addresses = [], Phase = PodPhase.Pending },
            5 => pod with { NodeName = _rng.Percent(50) ? null : "unseen" },
            6 => pod with { Phase = PodPhase.Pending },
            _ => pod,
        };

    private LabelRequirement NameRequirement() =>
        _rng.Weighted(3, 1) == 0
            ? LabelRequirement.Equal(Namespace.NameLabel, _rng.Pick(NamespaceNames))
            : new LabelRequirement(Namespace.NameLabel, LabelOperator.NotIn, [_rng.Pick(NamespaceNames)]);

    private LabelSelector Selector(string first, string second) =>
        _rng.Weighted(20, 60, 25, 3) switch
        {
            0 => LabelSelector.Everything,
            1 => new LabelSelector { Requirements = [Requirement(first, second)] },
            2 => new LabelSelector { Requirements = [Requirement(first, first), Requirement(second, second)] },
            _ => new LabelSelector { Unreadable = true },
        };

    private LabelRequirement Requirement(string first, string second)
    {
        var key =
            _rng.Percent(3) ? Names.Unused
            : _rng.Percent(70) ? first
            : second;
        return _rng.Weighted(6, 2, 3, 2, 2) switch
        {
            0 => LabelRequirement.Equal(key, _rng.Pick(s_values)),
            1 => new LabelRequirement(key, LabelOperator.In, [_rng.Pick(s_values), _rng.Pick(s_values)]),
            2 => new LabelRequirement(
                key,
                LabelOperator.NotIn,
                Rng.Many(_rng.Between(1, 2), () => _rng.Pick(s_values)).ToEquatableArray()
            ),
            3 => new LabelRequirement(key, LabelOperator.Exists, []),
            _ => new LabelRequirement(key, LabelOperator.DoesNotExist, []),
        };
    }
}
