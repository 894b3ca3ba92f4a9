using System.CommandLine;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>The options that describe a lab: <c>lab up</c> reads them and passes them on to the daemon.</summary>
internal sealed class LabDaemonOptionSet
{
    /// <summary>The key of <c>--pod-to-node</c> in a lab's status.</summary>
    public const string PodToNodeKey = "podToNode";

    private readonly Option<string> _name = LabVerb.NameOption();

    private readonly Option<string[]> _files = LabVerb.FilesOption(
        "Manifest files or directories, watched for changes; - reads standard input"
    );

    private readonly Option<EnumWord<PodNetwork>> _network = EnumOption.Create(
        "--pod-network",
        "How pods are connected",
        PodNetwork.Bridge
    );

    private readonly Option<EnumWord<DataplaneKind>> _dataplane = EnumOption.Create(
        "--dataplane",
        "Packet filter backend",
        DataplaneKind.Nftables
    );

    private readonly Option<bool> _noBridgeNetfilter = new("--no-bridge-netfilter")
    {
        Description =
            "Turn bridge netfilter off on the nodes: packets between pods of one bridge bypass the packet filter",
    };

    private readonly Option<EnumWord<DenyAction>> _denyAction = EnumOption.Create(
        "--deny-action",
        "How denied packets are handled",
        DenyAction.Reject
    );

    private readonly Option<EnumWord<PodToNode>> _podToNode = EnumOption.Create(
        "--pod-to-node",
        "Connections of pods to their own node",
        PodToNode.Enforce
    );

    private readonly Option<bool> _noFence = new("--no-fence")
    {
        Description = "Enforce no policies: all traffic is allowed",
    };

    private readonly Option<bool> _apiServer = new("--api-server")
    {
        Description = "Run a real API server and agents that watch it (make envtest provides one)",
    };

    public void AddTo(Command verb)
    {
        verb.Add(_files);
        verb.Add(_name);
        verb.Add(_network);
        verb.Add(_dataplane);
        verb.Add(_noBridgeNetfilter);
        verb.Add(_denyAction);
        verb.Add(_podToNode);
        verb.Add(_noFence);
        verb.Add(_apiServer);
    }

    public LabDaemonOptions Read(ParseResult parsed) =>
        new()
        {
            Name = parsed.GetValue(_name)!,
            Paths = [.. parsed.GetValue(_files)!.Select(static path => path == "-" ? path : Path.GetFullPath(path))],
            Settings = new Dictionary<string, string>
            {
                ["dataplane"] = parsed.GetValue(_noFence) ? "none" : parsed.GetValue(_dataplane).ToString(),
                ["denyAction"] = parsed.GetValue(_denyAction).ToString(),
                [PodToNodeKey] = parsed.GetValue(_podToNode).ToString(),
            },
            Cluster = new LabClusterOptions
            {
                Network = new LabNetworkOptions
                {
                    PodNetwork = parsed.GetValue(_network),
                    BridgeNetfilter = !parsed.GetValue(_noBridgeNetfilter),
                },
                HasApiServer = parsed.GetValue(_apiServer),
                AgentCommand = parsed.GetValue(_apiServer) && !parsed.GetValue(_noFence) ? AgentCommand(parsed) : null,
                FenceCommand = parsed.GetValue(_noFence) ? null : FenceCommand(parsed),
            },
        };

    /// <summary>The command line that gives another process of this program the same options.</summary>
    public IReadOnlyList<string> Write(ParseResult parsed)
    {
        var options = Read(parsed);
        return
        [
            "lab",
            "daemon",
            "--name",
            options.Name,
            .. options.Paths.SelectMany(static path => (string[])["-f", path]),
            "--pod-network",
            parsed.GetValue(_network).ToString(),
            "--dataplane",
            parsed.GetValue(_dataplane).ToString(),
            "--deny-action",
            parsed.GetValue(_denyAction).ToString(),
            "--pod-to-node",
            parsed.GetValue(_podToNode).ToString(),
            .. parsed.GetValue(_noBridgeNetfilter) ? (string[])["--no-bridge-netfilter"] : [],
            .. parsed.GetValue(_noFence) ? (string[])["--no-fence"] : [],
            .. parsed.GetValue(_apiServer) ? (string[])["--api-server"] : [],
        ];
    }

    private Func<string, string, string, IReadOnlyList<string>> AgentCommand(ParseResult parsed) =>
        (node, kubeconfig, socket) =>
            LabAgentCommand.Of(
                node,
                kubeconfig,
                socket,
                parsed.GetValue(_dataplane),
                parsed.GetValue(_denyAction),
                parsed.GetValue(_podToNode)
            );

    private Func<string, IReadOnlyList<string>> FenceCommand(ParseResult parsed) =>
        node =>
            LabFenceCommand.Of(
                node,
                parsed.GetValue(_dataplane),
                parsed.GetValue(_denyAction),
                parsed.GetValue(_podToNode)
            );
}
