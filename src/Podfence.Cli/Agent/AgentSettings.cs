using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>Every setting of <c>podfence agent</c>. docs/operate/operations.md has them in a table that a test compares with this one.</summary>
internal static class AgentSettings
{
    /// <summary>Where an agent answers <c>podfence status</c>.</summary>
    public const string DefaultSocket = "/run/podfence/agent.sock";

    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public static Setting<string?> Config { get; } = SettingKinds.Text("config", "YAML file with settings, one 'NAME: VALUE' per line");

    public static Setting<string?> NodeName { get; } = SettingKinds.Text("node-name", "Name of this node in the Kubernetes API");

    public static Setting<string?> Kubeconfig { get; } = SettingKinds.Text("kubeconfig", "Kubeconfig to use; without it KUBECONFIG, ~/.kube/config, or the pod's service account");

    public static Setting<string?> Context { get; } = SettingKinds.Text("context", "Kubeconfig context to use");

    public static Setting<DataplaneKind> Dataplane { get; } = SettingKinds.Choice("dataplane", "Packet filter backend", DataplaneKind.Nftables);

    public static Setting<DenyAction> DenyAction { get; } = SettingKinds.Choice("deny-action", "How denied packets are handled", Rulesets.DenyAction.Reject);

    public static Setting<PodToNode> PodToNode { get; } = SettingKinds.Choice("pod-to-node", "Connections of pods to their own node: enforce egress policies, or always allow", Model.PodToNode.Enforce);

    public static Setting<UnknownPodIps> UnknownPodIps { get; } = SettingKinds.Choice(
        "unknown-pod-ips", "Traffic of addresses in the node's pod ranges that belong to no known pod: allow, or deny until the pod is known and fenced", Rulesets.UnknownPodIps.Allow);

    public static Setting<ExistingConnections> ExistingConnections { get; } = SettingKinds.Choice("existing-connections", "Existing connections that a new policy denies: keep them until they end, or terminate them", Podfence.Agent.ExistingConnections.Keep);

    public static Setting<System.Net.IPEndPoint?> Metrics { get; } = SettingKinds.Address("metrics-bind-address", "Address that serves /metrics, /healthz and /readyz; 0 disables them", ":9469");

    public static Setting<string?> Socket { get; } = SettingKinds.Text("status-socket", "Unix socket that serves 'podfence status'", DefaultSocket);

    public static Setting<LogFormat> LogFormat { get; } = SettingKinds.Choice("log-format", "Log format", Cli.LogFormat.Text);

    public static Setting<AgentLogLevel> LogLevel { get; } = SettingKinds.Choice("log-level", "Minimum log level", AgentLogLevel.Info);

    public static Setting<TimeSpan> MinInterval { get; } = SettingKinds.Time(
        "min-interval", "Minimum time between two kernel transactions; changes in between are batched", TimeSpan.FromMilliseconds(2), TimeSpan.Zero, s_hour);

    public static Setting<TimeSpan> DriftInterval { get; } = SettingKinds.Time(
        "drift-interval", "How often to check for changes made by other programs", TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(10), s_hour);

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        NodeName, Kubeconfig, Context, Dataplane, DenyAction, PodToNode, UnknownPodIps, ExistingConnections, Metrics, Socket, LogFormat, LogLevel, MinInterval, DriftInterval, Config,
    ];
}

/// <summary>How log lines are written.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}

/// <summary>The least that is logged.</summary>
internal enum AgentLogLevel
{
    /// <summary>Every transaction.</summary>
    Debug,

    /// <summary>What an operator wants to have seen.</summary>
    Info,

    /// <summary>What is not as it should be.</summary>
    Warning,

    /// <summary>What keeps the fence from being as it should be.</summary>
    Error,
}
