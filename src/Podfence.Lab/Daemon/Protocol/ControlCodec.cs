using System.Text;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Converts objects for the control socket, with their locations, so that errors can name them.</summary>
internal static class ObjectCodec
{
    public static ObjectMessage Write(ClusterObject item) =>
        new(ManifestWriter.ToJson(item), item.Location.File, item.Location.Line);

    public static ClusterObject Read(ObjectMessage message)
    {
        var faults = ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(message.Json), out var item);
        var location = new SourceLocation(message.File, message.Line);
        return item switch
        {
            { Pod: { } pod } => ClusterObject.Of(pod with { Location = location }),
            { Namespace: { } @namespace } => ClusterObject.Of(@namespace with { Location = location }),
            { Node: { } node } => ClusterObject.Of(node with { Location = location }),
            { Policy: { } policy } => ClusterObject.Of(policy with { Location = location }),
            _ => throw new LabException(
                LabError.Protocol,
                $"not an object that a lab holds: {string.Join("; ", faults)}"
            ),
        };
    }
}

/// <summary>Converts flows and results for the control socket.</summary>
internal static class FlowCodec
{
    public static FlowMessage Write(LabFlow flow) =>
        new(
            flow.From.ToString(),
            flow.To.ToString(),
            flow.Protocol.ToString().ToUpperInvariant(),
            flow.Port,
            (int)flow.Family
        );

    public static LabFlow Read(FlowMessage message) =>
        new(
            LabEndpoint.Parse(message.From),
            LabEndpoint.Parse(message.To),
            Enum.TryParse<Protocol>(message.Protocol, ignoreCase: true, out var protocol)
                ? protocol
                : throw new LabException(LabError.Protocol, $"unknown protocol {message.Protocol}"),
            message.Port is > 0 and <= 65535
                ? message.Port
                : throw new LabException(LabError.Protocol, $"{message.Port} is not a port"),
            message.Family is 4 or 6
                ? (IpFamily)message.Family
                : throw new LabException(LabError.Protocol, $"{message.Family} is not an address family")
        );

    public static ResultMessage Write(ProbeResult result) =>
        new(result.Outcome.ToString(), (long)result.Latency.TotalMicroseconds, result.Detail);

    public static ProbeResult Read(LabFlow flow, ResultMessage message) =>
        new(
            flow,
            Enum.Parse<ProbeOutcome>(message.Outcome),
            TimeSpan.FromMicroseconds(message.Microseconds),
            message.Detail
        );
}
