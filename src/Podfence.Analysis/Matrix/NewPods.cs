using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Pods that do not exist yet and are equal to all policies.</summary>
/// <param name="Name">Their name: <c>new pods with role=frontend in namespace shop</c>.</param>
/// <param name="Pod">One of them.</param>
internal sealed record NewPod(string Name, Pod Pod);

/// <summary>
/// Finds the future pods that policies distinguish: for every selector of a rule a pod that it matches, in every
/// namespace that it applies to and in a new namespace,
/// and in each of them a pod without labels, which stands for all others.
/// </summary>
internal sealed class NewPods
{
    private const int Shown = 3;

    private readonly ClusterState _state;
    private readonly Dictionary<string, LabelSet> _namespaces = new(StringComparer.Ordinal);
    private readonly List<Candidate> _candidates = [];

    public NewPods(ClusterState state)
    {
        _state = state;
        var addresses = PlaceholderIps.OfNewPod(state);
        Add(new(Plain: true, "new pods", "new namespaces", Pod(LabelSet.Empty, NewNamespace(LabelSet.Empty))));
        foreach (var name in state.Namespaces.Keys.Order(StringComparer.Ordinal))
        {
            Add(new(Plain: true, "new pods", $"namespace {name}", Pod(LabelSet.Empty, name)));
        }

        foreach (var (home, peer) in Peers(state))
        {
            AddAll(home, peer);
        }

        void AddAll(string? home, SelectorPeer peer)
        {
            if (Witness(peer.Pods) is not { } labels)
            {
                return;
            }

            var text = labels.Count == 0 ? "new pods" : $"new pods with {peer.Pods}";
            foreach (var (name, place) in Places(home, peer.Namespaces))
            {
                Add(new(Plain: labels.Count == 0, text, place, Pod(labels, name)));
            }
        }

        void Add(Candidate candidate) => _candidates.Add(candidate);

        Pod Pod(LabelSet labels, string name) =>
            new()
            {
                Key = new(name, "a new pod"),
                Labels = labels,
                Addresses = addresses,
                Phase = PodPhase.Running,
            };
    }

    /// <summary>The labels of an existing or new namespace, or null.</summary>
    public LabelSet? LabelsOf(string name) =>
        _state.Namespaces.GetValueOrDefault(name)?.Labels ?? _namespaces.GetValueOrDefault(name);

    /// <summary>One pod of each class, the most general first.</summary>
    public IEnumerable<NewPod> Of(ReachClasses classes)
    {
        var byClass = _candidates.GroupBy(candidate => ClassesOf(classes, candidate.Pod)).ToList();
        foreach (var same in byClass)
        {
            // What holds for every pod of a namespace is reported without labels.
            var plain = same.Where(static one => one.Plain)
                .Select(static one => one.Place)
                .ToHashSet(StringComparer.Ordinal);
            var shown = same.Where(one => one.Plain || !plain.Contains(one.Place))
                .DistinctBy(static one => (one.Text, one.Place))
                .ToList();
            yield return new(same.Contains(_candidates[0]) ? "new pods (others)" : Name(shown), same.First().Pod);
        }
    }

    private static (int, int) ClassesOf(ReachClasses classes, Pod pod) =>
        pod.Addresses switch
        {
            [var first, var second] => (classes.Of(new(first, pod, null)), classes.Of(new(second, pod, null))),
            [var first] => (classes.Of(new(first, pod, null)), 0),
            _ => default,
        };

    private static string Name(List<Candidate> shown)
    {
        var parts = shown
            .GroupBy(static one => one.Text, StringComparer.Ordinal)
            .Select(static same => $"{same.Key} in {List([.. same.Select(static one => one.Place)], " or ")}")
            .ToList();
        return List(parts, " + ");
    }

    private static string List(List<string> items, string separator) =>
        ListText.Join(items, Shown, separator, separator);

    private static IEnumerable<(string? Home, SelectorPeer Peer)> Peers(ClusterState state) =>
        state
            .Policies.OrderBy(static policy => policy.Key)
            .SelectMany(static policy =>
                policy
                    .RulesFor(Direction.Ingress)
                    .Concat(policy.RulesFor(Direction.Egress))
                    .SelectMany(static rule => rule.Peers)
                    .OfType<SelectorPeer>()
                    .Select(peer =>
                        (Home: peer.Namespaces is null ? policy.Key.Namespace : null, Peer: peer with { Line = 0 })
                    )
            )
            .Distinct();

    /// <summary>The namespaces that a selector matches: existing ones, and a new one.</summary>
    private IEnumerable<(string Name, string Text)> Places(string? home, LabelSelector? selector)
    {
        if (selector is null)
        {
            yield return (home!, $"namespace {home}");
            yield break;
        }

        foreach (
            var (name, _) in _state
                .Namespaces.Where(known => selector.Matches(known.Value.Labels))
                .OrderBy(static known => known.Key, StringComparer.Ordinal)
        )
        {
            yield return (name, $"namespace {name}");
        }

        if (
            Witness(selector) is { } labels
            && !(labels[Namespace.NameLabel] is { } known && _state.Namespaces.ContainsKey(known))
        )
        {
            yield return (
                NewNamespace(labels),
                labels.Count == 0 ? "new namespaces" : $"new namespaces with {selector}"
            );
        }
    }

    /// <summary>A new namespace, with a name that is not valid.</summary>
    private string NewNamespace(LabelSet labels)
    {
        var name = $"a new namespace ({_namespaces.Count + 1})";
        _namespaces[name] = labels[Namespace.NameLabel] is null ? labels.With(Namespace.NameLabel, name) : labels;
        return name;
    }

    /// <summary>The fewest labels that a selector takes, or null where there are none.</summary>
    private static LabelSet? Witness(LabelSelector? selector)
    {
        if (selector is null)
        {
            return LabelSet.Empty;
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var key in selector
                .Requirements.Where(static one => one.Operator is LabelOperator.In or LabelOperator.Exists)
                .Select(static one => one.Key)
                .Distinct()
        )
        {
            var all = selector.Requirements.Where(one => one.Key == key).ToList();
            var value = all.SelectMany(static one => one.Operator == LabelOperator.In ? one.Values : default)
                .Append("any")
                .FirstOrDefault(value => all.TrueForAll(one => one.Matches(LabelSet.Of((key, value)))));
            if (value is null)
            {
                return null;
            }

            labels[key] = value;
        }

        var found = LabelSet.Create(labels);
        return selector.Matches(found) ? found : null;
    }

    private sealed record Candidate(bool Plain, string Text, string Place, Pod Pod);
}
