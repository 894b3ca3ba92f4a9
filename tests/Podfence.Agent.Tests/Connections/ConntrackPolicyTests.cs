using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent.Tests;

/// <summary>Which connections are denied now, and which are none of our business.</summary>
public sealed class ConntrackPolicyTests
{
    private static readonly IpAddress s_service = IpAddress.Parse("10.96.0.1");
    private static readonly IpAddress s_bridge = IpAddress.Parse("10.0.0.254");
    private readonly ClusterState _state = new();
    private readonly ConntrackPolicy _judge;

    public ConntrackPolicyTests()
    {
        foreach (var item in (ClusterEvent[])[Sample.Policy, Sample.Pod(1), Sample.Pod(2), Sample.Pod(3, "client")])
        {
            _state.Apply(item);
        }

        _state.Upsert(
            _state.FindPod(new PodKey("default", "pod1"))! with
            {
                Key = new PodKey("default", "far"),
                NodeName = "n2",
                Addresses = [Sample.Address(4)],
            }
        );
        _judge = new ConntrackPolicy(_state, Sample.Node, new EvaluatorOptions(), address => address == s_bridge);
    }

    [Fact]
    public void IsDenied_NoRuleAllows_IsDenied() => Assert.True(_judge.IsDenied(Call(2, 1)));

    [Fact]
    public void IsDenied_RuleAllows_IsNotDenied() => Assert.False(_judge.IsDenied(Call(3, 1)));

    [Fact]
    public void IsDenied_ThroughAService_IsEvaluatedByTheBackend()
    {
        var call = Call(2, 1);
        Assert.True(
            _judge.IsDenied(
                call with
                {
                    Original = call.Original with { Destination = s_service, DestinationPort = 443 },
                }
            )
        );
        Assert.False(_judge.IsDenied(call with { Reply = call.Reply with { Source = Sample.Address(9) } }));
    }

    [Fact]
    public void IsDenied_OwnNodeFromItsBridge_IsNotDenied()
    {
        var call = Call(2, 1);
        Assert.False(_judge.IsDenied(call with { Original = call.Original with { Source = s_bridge } }));
        Assert.True(_judge.IsDenied(call with { Original = call.Original with { Source = s_service } }));
    }

    [Fact]
    public void IsDenied_ByTheFenceOfAnotherNode_IsNotDeniedHere() => Assert.False(_judge.IsDenied(Call(2, 4)));

    [Fact]
    public void IsDenied_CannotBeEvaluated_IsNotDenied()
    {
        var call = Call(2, 1);
        Assert.False(_judge.IsDenied(call with { Status = ConnectionStatus.Expected | ConnectionStatus.SeenReply }));
        Assert.False(_judge.IsDenied(call with { Zone = 3 }));
        Assert.False(_judge.IsDenied(call with { Reply = call.Reply with { SourcePort = 0 } }));
        Assert.False(_judge.IsDenied(call with { Reply = call.Reply with { Source = IpAddress.Parse("fd00::1") } }));
    }

    [Fact]
    public void IsDenied_ProtocolWithoutPorts_IsEvaluatedByAddresses()
    {
        var echo = new TrackedConnection
        {
            Original = new ConnectionTuple(Sample.Address(2), Sample.Address(1), 1),
            Reply = new ConnectionTuple(Sample.Address(1), Sample.Address(2), 1),
        };
        Assert.True(_judge.IsDenied(echo));
        Assert.False(_judge.IsDenied(echo with { Original = echo.Original with { Source = Sample.Address(3) } }));
    }

    [Fact]
    public void Reset_ClusterChanges_IsEvaluatedAgain()
    {
        Assert.True(_judge.IsDenied(Call(2, 1)));
        _state.Apply(Sample.Pod(2, "client"));
        _judge.Reset();
        Assert.False(_judge.IsDenied(Call(2, 1)));
    }

    private static TrackedConnection Call(int from, int to) =>
        new()
        {
            Original = new ConnectionTuple(Sample.Address(from), Sample.Address(to), 6, 4000, 80),
            Reply = new ConnectionTuple(Sample.Address(to), Sample.Address(from), 6, 80, 4000),
        };
}
