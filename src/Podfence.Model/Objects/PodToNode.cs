namespace Podfence.Model;

/// <summary>Whether connections from a pod to the node it runs on are policed. The API's own pages disagree about it, hence a setting.</summary>
public enum PodToNode : byte
{
    /// <summary>They pass the pod's egress policies like any other.</summary>
    Enforce,

    /// <summary>They always pass.</summary>
    Allow,
}
