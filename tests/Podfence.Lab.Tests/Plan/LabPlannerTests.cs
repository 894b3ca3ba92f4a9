using Podfence.Model;
using static Podfence.Lab.Tests.Samples;

namespace Podfence.Lab.Tests;

public sealed class LabPlannerTests
{
    private static readonly LabNetworkOptions s_options = new();

    [Fact]
    public void Plan_NoNodes_TwoAreMadeWithAddressesAndCidrsOfBothFamilies()
    {
        var plan = LabPlanner.PlanOrThrow([], [], s_options);

        Assert.Equal(["n1", "n2"], plan.Nodes.Select(node => node.Object.Name));
        Assert.Equal(
            ["100.64.0.1", "fd00:100:64::1"],
            plan.Nodes[0].Object.Addresses.Select(address => address.ToString())
        );
        Assert.Equal(
            ["10.244.1.0/24", "fd00:10:244:1::/64"],
            plan.Nodes[1].Object.PodCidrs.Select(cidr => cidr.ToString())
        );
    }

    [Fact]
    public void Plan_PodsNameNodes_TheyAreMadeAndFilledUpToTwo()
    {
        var plan = LabPlanner.PlanOrThrow([], [Pod("a/a", "worker")], s_options);

        Assert.Equal(["n1", "worker"], plan.Nodes.Select(node => node.Object.Name));
        Assert.Equal("worker", plan.Pod("a/a").Object.NodeName);
    }

    [Fact]
    public void Plan_PodsWithoutNode_AreSpreadEvenlyAndTheSameWayEachTime()
    {
        Pod[] pods = [Pod("a/d"), Pod("a/b"), Pod("a/c"), Pod("a/a")];

        var plan = LabPlanner.PlanOrThrow([], pods, s_options);

        Assert.Equal(["n1", "n2", "n1", "n2"], plan.Pods.Values.Select(pod => pod.Object.NodeName));
        Assert.Equal(plan.Pods.Values, LabPlanner.PlanOrThrow([], pods.Reverse(), s_options).Pods.Values);
        Assert.All(plan.Pods.Values, pod => Assert.Equal(PodPhase.Running, pod.Object.Phase));
    }

    [Fact]
    public void Plan_StatedAddressesNodesAndPhases_AreKept()
    {
        var plan = LabPlanner.PlanOrThrow(
            [Node("w1", ["172.18.0.2"], ["10.1.0.0/24"]), Node("w2", ["172.18.0.3"], ["10.1.1.0/24"])],
            [
                Pod("a/inside", "w2", null, "10.1.1.9"),
                Pod("a/stray", "w1", null, "192.0.2.7", "fd77::7"),
                Pod("a/done", "w1", null, "10.1.0.5") with
                {
                    Phase = PodPhase.Succeeded,
                },
                Pod("a/heir", "w1", null, "10.1.0.5"),
                Pod("a/host", "w2") with
                {
                    HostNetwork = true,
                },
            ],
            s_options
        );

        Assert.Equal("10.1.1.9", plan.Pod("a/inside").Object.Addresses.Single().ToString());
        Assert.Equal(
            ["192.0.2.7", "fd77::7"],
            plan.Pod("a/stray").Object.Addresses.Select(address => address.ToString())
        );
        Assert.False(plan.Pod("a/done").IsConnected);
        Assert.Equal(PodPhase.Succeeded, plan.Pod("a/done").Object.Phase);
        Assert.True(plan.Pod("a/heir").IsConnected);
        Assert.False(plan.Pod("a/host").IsConnected);
        Assert.Equal("172.18.0.3", plan.Pod("a/host").Object.Addresses.Single().ToString());
    }

    [Fact]
    public void Plan_ChosenAddresses_GoRoundStatedOnesAndAreAlikeInBothFamilies()
    {
        var plan = LabPlanner.PlanOrThrow(
            [Node("n1"), Node("n2")],
            [Pod("a/a", "n1"), Pod("a/z", "n1", null, "10.244.0.2")],
            s_options
        );

        Assert.Equal(
            ["10.244.0.3", "fd00:10:244::3"],
            plan.Pod("a/a").Object.Addresses.Select(address => address.ToString())
        );
    }

    [Fact]
    public void Plan_PodsComeAndGo_TheOthersStayWhereTheyAre()
    {
        var before = LabPlanner.PlanOrThrow([], [Pod("a/b"), Pod("a/c"), Pod("a/d")], s_options);

        var after = LabPlanner.PlanOrThrow(
            [],
            [Pod("a/a"), Pod("a/c") with { Labels = LabelSet.Of(("x", "y")) }, Pod("a/d")],
            s_options,
            before
        );

        Assert.True(after.Pod("a/c").SameLink(before.Pod("a/c")));
        Assert.True(after.Pod("a/d").SameLink(before.Pod("a/d")));
        Assert.Equal("y", after.Pod("a/c").Object.Labels["x"]);
        Assert.Equal(after.Pods.Count, after.Pods.Values.Select(pod => pod.Number).Distinct().Count());
        Assert.Equal(after.Pods.Count, after.Pods.Values.Select(pod => pod.Object.Addresses[0]).Distinct().Count());
    }

    [Fact]
    public void Plan_KeptAddressIsNowStatedByAnother_TheNewcomerGetsIt()
    {
        var before = LabPlanner.PlanOrThrow([Node("n1")], [Pod("a/a")], s_options);
        var address = before.Pod("a/a").Object.Addresses[0].ToString();

        var after = LabPlanner.PlanOrThrow([], [Pod("a/a"), Pod("a/b", null, null, address)], s_options, before);

        Assert.Equal(address, after.Pod("a/b").Object.Addresses[0].ToString());
        Assert.NotEqual(address, after.Pod("a/a").Object.Addresses[0].ToString());
    }

    public static TheoryData<Node[], Pod[], string> Faults =>
        new()
        {
            {
                [],
                [Pod("a/a", null, null, "10.0.0.1"), Pod("a/b", null, null, "10.0.0.1")],
                "pod a/b: 10.0.0.1 is also the address of pod a/a"
            },
            {
                [Node("n1", ["10.0.0.1"])],
                [Pod("a/a", null, null, "10.0.0.1")],
                "pod a/a: 10.0.0.1 is also the address of node n1"
            },
            { [Node("n1")], [Pod("a/a", "n9")], "pod a/a: unknown node 'n9'; use one of n1" },
            {
                [Node("n1", ["10.0.0.1"]), Node("n2", ["10.0.0.1"])],
                [],
                "node n2: 10.0.0.1 is also the address of node n1"
            },
            {
                [Node("n1", null, ["10.0.0.0/16"]), Node("n2", null, ["10.0.1.0/24"])],
                [],
                "node n2: pod CIDR 10.0.1.0/24 overlaps with 10.0.0.0/16 of node n1"
            },
            { [], [Pod("a/a", null, null, "127.0.0.1")], "127.0.0.1 cannot be a pod's address" },
            {
                [Node("n1", null, ["10.0.0.0/30"])],
                [Pod("a/a"), Pod("a/b")],
                "pod a/b: pod CIDR 10.0.0.0/30 of node n1 is full"
            },
            { [], [Pod("a/a"), Pod("a/a")], "pod a/a: is defined twice" },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Plan_WhatCannotBe_IsAFaultWithARemedy(Node[] nodes, Pod[] pods, string expected)
    {
        var (plan, faults) = LabPlanner.Plan(nodes, pods, s_options);

        Assert.Null(plan);
        Assert.Contains(expected, string.Join('\n', faults), StringComparison.Ordinal);
        Assert.All(faults, fault => Assert.NotEmpty(fault.Remedy));
    }

    [Fact]
    public void Plan_NewNodeInALivingLab_IsAFault()
    {
        var before = LabPlanner.PlanOrThrow([], [], s_options);

        var (_, faults) = LabPlanner.Plan([Node("n3")], [], s_options, before);

        Assert.Contains("cannot be added to a running lab", Assert.Single(faults).Message, StringComparison.Ordinal);
    }
}
