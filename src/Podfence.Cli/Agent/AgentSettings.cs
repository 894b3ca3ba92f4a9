using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>
/// Every setting of <c>podfence agent</c>; a test compares the table in docs/operate/operations.md with this list.
/// </summary>
internal static class AgentSettings
{
    /// <summary>The socket that serves <c>podfence status</c>.</summary>
    public const string DefaultSocket = "/run/podfence/agent.sock";

    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public static Setting<string?> Config { get; } =
        SettingKinds.Text("config", "YAML file with settings, one 'NAME: VALUE' per line");

    public static Setting<string?> NodeName { get; } =
        SettingKinds.Text("node-name", "Name of this node in the Kubernetes API");

    public static Setting<string?> Kubeconfig { get; } =
        SettingKinds.Text(
            "kubeconfig",
            "Kubeconfig to use; without it KUBECONFIG, ~/.kube/config, or the pod's service account"
        );

    public static Setting<string?> Context { get; } = SettingKinds.Text("context", "Kubeconfig context to use");

    public static Setting<DataplaneKind> Dataplane { get; } =
        SettingKinds.OneOf("dataplane", "Packet filter backend", DataplaneKind.Nftables);

    public static Setting<DenyAction> DenyAction { get; } =
        SettingKinds.OneOf("deny-action", "How denied packets are handled", Rulesets.DenyAction.Reject);

    public static Setting<PodToNode> PodToNode { get; } =
        SettingKinds.OneOf(
            "pod-to-node",
            "Connections of pods to their own node: enforce egress policies, or always allow",
            Model.PodToNode.Enforce
        );

    public static Setting<UnknownPodIps> UnknownPodIps { get; } =
        SettingKinds.OneOf(
            "unknown-pod-ips",
            "Traffic of addresses in the node's pod ranges that belong to no known pod: allow, or deny until the pod "
                + "is known and fenced",
            Rulesets.UnknownPodIps.Allow
        );

    public static Setting<ExistingConnections> ExistingConnections { get; } =
        SettingKinds.OneOf(
            "existing-connections",
            "Existing connections that a new policy denies: keep them until they end, or terminate them",
            Podfence.Agent.ExistingConnections.Keep
        );

    public static Setting<System.Net.IPEndPoint?> Metrics { get; } =
        SettingKinds.Address(
            "metrics-bind-address",
            "Address that serves /metrics, /healthz and /readyz; 0 disables them",
            ":9469"
        );

    public static Setting<string?> Socket { get; } =
        SettingKinds.Text("status-socket", "Unix socket that serves 'podfence status'", DefaultSocket);

    public static Setting<LogFormat> LogFormat { get; } =
        SettingKinds.OneOf("log-format", "Log format", Cli.LogFormat.Text);

    public static Setting<AgentLogLevel> LogLevel { get; } =
        SettingKinds.OneOf("log-level", "Minimum log level", AgentLogLevel.Info);

    public static Setting<TimeSpan> MinInterval { get; } =
        SettingKinds.Time(
            "min-interval",
            "Minimum time between two kernel transactions; changes in between are batched",
            TimeSpan.FromMilliseconds(2),
            TimeSpan.Zero,
            s_hour
        );

    public static Setting<TimeSpan> DriftInterval { get; } =
        SettingKinds.Time(
            "drift-interval",
            "How often to check for changes made by other programs",
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromMilliseconds(10),
            s_hour
        );

    /// <summary>All settings, in the order of the help.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        NodeName,
        Kubeconfig,
        Context,
        Dataplane,
        DenyAction,
        PodToNode,
        UnknownPodIps,
        ExistingConnections,
        Metrics,
        Socket,
        LogFormat,
        LogLevel,
        MinInterval,
        DriftInterval,
        Config,
    ];
}

/// <summary>The format of log lines.</summary>
internal enum LogFormat
{
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}

/// <summary>The minimum log level.</summary>
internal enum AgentLogLevel
{
    /// <summary>Every transaction.</summary>
    Debug,

    /// <summary>Changes of state that an operator needs to know.</summary>
    Info,

    /// <summary>Anomalies that do not weaken enforcement.</summary>
    Warning,

    /// <summary>Failures that delay or prevent enforcement.</summary>
    Error,
}
