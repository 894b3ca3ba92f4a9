namespace Podfence.Model;

/// <summary>
/// Whether connections from a pod to the node it runs on are subject to policy. The API's documentation contradicts
/// itself, so this is a setting.
/// </summary>
public enum PodToNode : byte
{
    /// <summary>The pod's egress policies apply, as to any other connection.</summary>
    Enforce,

    /// <summary>They are always allowed.</summary>
    Allow,
}
