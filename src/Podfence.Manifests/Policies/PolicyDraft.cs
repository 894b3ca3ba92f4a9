using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// A NetworkPolicy as written: read, but without defaults and not validated. The three steps that follow each have a
/// file: <see cref="PolicyDefaults"/>, <see cref="PolicyValidator"/>, <see cref="PolicyBuilder"/>.
/// </summary>
internal sealed class PolicyDraft
{
    public required PolicyKey Key { get; init; }

    public required SourceLocation Location { get; init; }

    /// <summary>Null if absent.</summary>
    public SelectorDraft? PodSelector { get; init; }

    /// <summary>policyTypes in order; <see cref="PolicyDefaults"/> fills an empty list.</summary>
    public List<(string Name, Field At)> PolicyTypes { get; init; } = [];

    public required Field PolicyTypesField { get; init; }

    public List<RuleDraft> Ingress { get; init; } = [];

    public List<RuleDraft> Egress { get; init; } = [];

    /// <summary>Something in spec has the wrong type, so it is not known what is isolated.</summary>
    public bool IsBroken { get; init; }
}

/// <summary>One rule.</summary>
/// <param name="At">The field.</param>
/// <param name="Peers">from or to.</param>
/// <param name="Ports">ports.</param>
/// <param name="IsBroken">Something in it other than its peers and ports has the wrong type.</param>
internal sealed record RuleDraft(Field At, List<PeerDraft> Peers, List<PortDraft> Ports, bool IsBroken);

/// <summary>One item of <c>ports</c>.</summary>
internal sealed class PortDraft
{
    public required Field At { get; init; }

    /// <summary><see cref="PolicyDefaults"/> replaces null.</summary>
    public string? Protocol { get; set; }

    public int? Number { get; init; }

    public string? Name { get; init; }

    public int? EndPort { get; init; }

    public bool IsBroken { get; init; }
}

/// <summary>One item of <c>from</c> or <c>to</c>.</summary>
internal sealed record PeerDraft(
    Field At,
    SelectorDraft? Pods,
    SelectorDraft? Namespaces,
    IpBlockDraft? Block,
    bool IsBroken
);

/// <summary>An ipBlock.</summary>
internal sealed record IpBlockDraft(Field At, string Cidr, List<(string Text, Field At)> Except);

/// <summary>A label selector.</summary>
/// <param name="At">The field.</param>
/// <param name="MatchLabels">matchLabels in order.</param>
/// <param name="MatchExpressions">matchExpressions in order.</param>
/// <param name="IsBroken">Something in it has the wrong type.</param>
internal sealed record SelectorDraft(
    Field At,
    List<(string Key, string Value, Field At)> MatchLabels,
    List<RequirementDraft> MatchExpressions,
    bool IsBroken
);

/// <summary>One item of <c>matchExpressions</c>.</summary>
internal sealed record RequirementDraft(Field At, string Key, string Operator, List<(string Text, Field At)> Values);
