using System.CommandLine;
using Podfence.Analysis;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary><c>podfence lab daemon</c>, which <c>lab up</c> starts: holds a lab's namespaces until it ends.</summary>
internal static class LabDaemonVerb
{
    /// <summary>The executable that runs.</summary>
    public static string ThisProgram => Environment.ProcessPath ?? throw new CliException("cannot determine the path of this executable");

    public static Command Create()
    {
        var options = new LabDaemonOptionSet();
        var verb = new Command("daemon", "Run the daemon of a lab (started by lab up)") { Hidden = true };
        options.AddTo(verb);
        verb.SetAction((parsed, cancel) => DaemonLauncher.ServeAsync(options.Read(parsed), parsed.Terminal().Output, cancel));
        return verb;
    }
}

/// <summary>The options that say what a lab is like; <c>lab up</c> takes them and hands them to the daemon.</summary>
internal sealed class LabDaemonOptionSet
{
    /// <summary>Where a lab's status says what becomes of connections of pods to their own node.</summary>
    public const string OwnNodeSetting = "podToNode";

    private readonly Option<string> _name = LabVerb.NameOption();
    private readonly Option<string[]> _files = LabVerb.FilesOption("Manifest files or directories, watched for changes; - reads standard input");
    private readonly Option<Choice<PodNetwork>> _network = ChoiceOption.Create("--pod-network", "How pods are connected", PodNetwork.Bridge);
    private readonly Option<Choice<DataplaneKind>> _dataplane = ChoiceOption.Create("--dataplane", "Packet filter backend", DataplaneKind.Nftables);
    private readonly Option<bool> _noBridgeNetfilter = new("--no-bridge-netfilter") { Description = "Turn bridge netfilter off on the nodes: packets between pods of one bridge bypass the packet filter" };
    private readonly Option<Choice<DenyAction>> _refusal = ChoiceOption.Create("--deny-action", "How denied packets are handled", DenyAction.Reject);
    private readonly Option<Choice<PodToNode>> _ownNode = ChoiceOption.Create("--pod-to-node", "Connections of pods to their own node", PodToNode.Enforce);
    private readonly Option<bool> _noFence = new("--no-fence") { Description = "Enforce no policies: all traffic is allowed" };

    private readonly Option<bool> _apiServer = new("--api-server") { Description = "Run a real API server and agents that watch it (make envtest provides one)" };

    public void AddTo(Command verb)
    {
        verb.Add(_files);
        verb.Add(_name);
        verb.Add(_network);
        verb.Add(_dataplane);
        verb.Add(_noBridgeNetfilter);
        verb.Add(_refusal);
        verb.Add(_ownNode);
        verb.Add(_noFence);
        verb.Add(_apiServer);
    }

    public LabDaemonOptions Read(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_name)!,
        Paths = [.. parsed.GetValue(_files)!.Select(static path => path == "-" ? path : Path.GetFullPath(path))],
        Settings = new Dictionary<string, string>
        {
            ["dataplane"] = parsed.GetValue(_noFence) ? "none" : parsed.GetValue(_dataplane).ToString(),
            ["denyAction"] = parsed.GetValue(_refusal).ToString(),
            [OwnNodeSetting] = parsed.GetValue(_ownNode).ToString(),
        },
        Cluster = new LabClusterOptions
        {
            Network = new LabNetworkOptions { PodNetwork = parsed.GetValue(_network), BridgeNetfilter = !parsed.GetValue(_noBridgeNetfilter) },
            AgentCommand = parsed.GetValue(_apiServer) ? (node, kubeconfig, socket) => LabAgentCommand.Of(node, kubeconfig, socket, parsed.GetValue(_dataplane), parsed.GetValue(_refusal), parsed.GetValue(_ownNode)) : null,
            FenceCommand = parsed.GetValue(_noFence) ? null : node => LabFenceCommand.Of(node, parsed.GetValue(_dataplane), parsed.GetValue(_refusal), parsed.GetValue(_ownNode)),
        },
    };

    /// <summary>The arguments that say the same to another process of this program, wherever that is.</summary>
    public IReadOnlyList<string> Write(ParseResult parsed)
    {
        var options = Read(parsed);
        return
        [
            "lab", "daemon", "--name", options.Name,
            .. options.Paths.SelectMany(static path => (string[])["-f", path]),
            "--pod-network", parsed.GetValue(_network).ToString(),
            "--dataplane", parsed.GetValue(_dataplane).ToString(),
            "--deny-action", parsed.GetValue(_refusal).ToString(),
            "--pod-to-node", parsed.GetValue(_ownNode).ToString(),
            .. parsed.GetValue(_noBridgeNetfilter) ? (string[])["--no-bridge-netfilter"] : [],
            .. parsed.GetValue(_noFence) ? (string[])["--no-fence"] : [],
            .. parsed.GetValue(_apiServer) ? (string[])["--api-server"] : [],
        ];
    }
}
