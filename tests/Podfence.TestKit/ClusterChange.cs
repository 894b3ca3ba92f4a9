using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>One event of a source: a whole object, or its removal.</summary>
/// <param name="What">A description: relabel, finish, move address.</param>
public abstract record ClusterChange(string What)
{
    public abstract void Apply(ClusterState state);
}

/// <summary>A pod; null removes it.</summary>
public sealed record PodChange(PodKey Key, Pod? After, string What) : ClusterChange(What)
{
    public override void Apply(ClusterState state)
    {
        if (After is null)
        {
            state.RemovePod(Key);
        }
        else
        {
            state.Upsert(After);
        }
    }
}

/// <summary>A namespace; null removes it.</summary>
public sealed record NamespaceChange(string Name, Namespace? After, string What) : ClusterChange(What)
{
    public override void Apply(ClusterState state)
    {
        if (After is null)
        {
            state.RemoveNamespace(Name);
        }
        else
        {
            state.Upsert(After);
        }
    }
}

/// <summary>A node; null removes it.</summary>
public sealed record NodeChange(string Name, Node? After, string What) : ClusterChange(What)
{
    public override void Apply(ClusterState state)
    {
        if (After is null)
        {
            state.RemoveNode(Name);
        }
        else
        {
            state.Upsert(After);
        }
    }
}

/// <summary>A policy; null removes it.</summary>
public sealed record PolicyChange(PolicyKey Key, NetworkPolicy? After, string What) : ClusterChange(What)
{
    public override void Apply(ClusterState state)
    {
        if (After is null)
        {
            state.RemovePolicy(Key);
        }
        else
        {
            state.Upsert(After);
        }
    }
}
