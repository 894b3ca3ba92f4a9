using CsCheck;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

/// <summary>What selectors imply, tested against every set of labels that distinguishes them.</summary>
public sealed class SelectorLogicTests
{
    private static readonly string[] s_values = ["a", "b", "c", "unused"];

    private static readonly Gen<LabelRequirement> s_requirement = Gen.Select(
        Gen.OneOf("x", "y"),
        Gen.Enum<LabelOperator>(),
        Gen.OneOf("a", "b", "c").Array[1, 3],
        static (key, op, values) =>
            new LabelRequirement(key, op, op is LabelOperator.In or LabelOperator.NotIn ? [.. values] : default)
    );

    private static readonly Gen<LabelSelector> s_selector = s_requirement
        .Array[0, 3]
        .Select(static items => new LabelSelector { Requirements = [.. items] });

    private static readonly IReadOnlyList<LabelSet> s_all =
    [
        .. s_values
            .Append(null)
            .SelectMany(static x =>
                s_values
                    .Append(null)
                    .Select(y =>
                        LabelSet.Create(
                            new[] { ("x", x), ("y", y) }
                                .Where(static pair => pair.Item2 is not null)
                                .Select(static pair => KeyValuePair.Create(pair.Item1, pair.Item2!))
                        )
                    )
            ),
    ];

    [Fact]
    public void Implies_AnySelectors_IsTrueIfNoLabelsDistinguishThem() =>
        Gen.Select(s_selector, s_selector)
            .Sample(
                static (narrow, wide) =>
                    SelectorLogic.Implies(narrow, wide)
                    == s_all.All(labels => !narrow.Matches(labels) || wide.Matches(labels)),
                iter: 20_000
            );

    [Fact]
    public void IsContradiction_AnySelector_IsTrueIfNoLabelsMatch() =>
        s_selector.Sample(
            static selector => SelectorLogic.IsContradiction(selector) == !s_all.Any(selector.Matches),
            iter: 10_000
        );

    [Fact]
    public void AreDisjointSubjects_AnySelectors_IsTrueIfNoLabelsMatchBoth() =>
        Gen.Select(s_selector, s_selector)
            .Sample(
                static (a, b) =>
                    SelectorLogic.AreDisjointSubjects(a, b)
                    == !s_all.Any(labels => a.Matches(labels) && b.Matches(labels)),
                iter: 10_000
            );

    [Fact]
    public void Implies_UnreadableSelectors_FailsOnTheSafeSide()
    {
        var unreadable = new LabelSelector { Unreadable = true };

        Assert.True(SelectorLogic.Implies(unreadable, LabelSelector.MatchLabels(("a", "b"))));
        Assert.False(SelectorLogic.Implies(LabelSelector.MatchLabels(("a", "b")), unreadable));
        Assert.True(SelectorLogic.ImpliesSubject(LabelSelector.MatchLabels(("a", "b")), unreadable));
        Assert.False(SelectorLogic.ImpliesSubject(unreadable, LabelSelector.MatchLabels(("a", "b"))));
        Assert.False(SelectorLogic.AreDisjointSubjects(unreadable, LabelSelector.MatchLabels(("a", "b"))));
    }
}
