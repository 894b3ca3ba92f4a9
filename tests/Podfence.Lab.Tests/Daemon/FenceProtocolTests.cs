using Podfence.Model;

namespace Podfence.Lab.Tests;

public sealed class FenceProtocolTests
{
    public static TheoryData<string, string> Messages =>
        new()
        {
            { new FenceSyncPoint(7).ToLine(), """{"syncPoint":7}""" },
            { new FenceApplied(7).ToLine(), """{"applied":7}""" },
            { new FenceError("no \"kernel\"").ToLine(), """{"error":"no \u0022kernel\u0022"}""" },
            {
                new FenceRemove(new ObjectReference("Pod", "a", "b")).ToLine(),
                """{"remove":{"kind":"Pod","namespace":"a","name":"b"}}"""
            },
            {
                new FenceRemove(new ObjectReference("Node", null, "n1")).ToLine(),
                """{"remove":{"kind":"Node","name":"n1"}}"""
            },
        };

    [Theory]
    [MemberData(nameof(Messages))]
    public void ToLine_OfAMessage_IsReadBackTheSame(string line, string expected)
    {
        Assert.Equal(expected, line);
        Assert.Equal(expected, FenceMessage.Parse(line).ToLine());
    }

    [Fact]
    public void Parse_Upsert_GivesTheObjectBack()
    {
        var pod = Samples.Pod("a/b", "n1", [80], "10.0.0.1", "fd00::1") with
        {
            Phase = PodPhase.Running,
            Labels = LabelSet.Of(("x", "y")),
        };

        var read = Assert.IsType<FenceUpsert>(FenceMessage.Parse(new FenceUpsert(ClusterObject.Of(pod)).ToLine()));

        Assert.Equal(pod, read.Item.Pod);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"syncPoint":"x"}""")]
    [InlineData("""{"upsert":{"kind":"Secret"}}""")]
    public void Parse_AnythingElse_IsAProtocolFault(string line)
    {
        var fault = Assert.Throws<LabException>(() => FenceMessage.Parse(line));

        Assert.Equal(LabError.Protocol, fault.Error);
    }
}
