using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The expected verdict of flows.</summary>
public enum ExpectedVerdict
{
    /// <summary>New connections are allowed.</summary>
    Allow,

    /// <summary>New connections are denied.</summary>
    Deny,
}

/// <summary>One line of an expectation file: every flow from one pattern to another has this verdict.</summary>
public sealed record Expectation
{
    /// <summary>The source.</summary>
    public required EndPattern From { get; init; }

    /// <summary>The destination.</summary>
    public required EndPattern To { get; init; }

    /// <summary>The protocol.</summary>
    /// <value>TCP.</value>
    public Protocol Protocol { get; init; } = Protocol.Tcp;

    /// <summary>The target port on the destination's own address, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>What is expected.</summary>
    public required ExpectedVerdict Verdict { get; init; }

    /// <summary>The family, or null for every family that both ends have.</summary>
    public IpFamily? Family { get; init; }

    /// <summary>The author's reason, or null.</summary>
    public string? Why { get; init; }

    /// <summary>The location of the expectation.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>from -> to port/PROTOCOL: verdict.</summary>
    public override string ToString() =>
        $"{From} -> {To} {Port}/{PolicyWriter.NameOf(Protocol)}: "
        + $"{(Verdict == ExpectedVerdict.Allow ? "allow" : "deny")}";
}

/// <summary>
/// What <c>from</c> and <c>to</c> may be: a <see cref="PodPattern"/>, a <see cref="WorkloadPattern"/>, a
/// <see cref="NodePattern"/> or an <see cref="AddressPattern"/>.
/// </summary>
public abstract record EndPattern;

/// <summary>
/// Pods by name: <c>NAMESPACE/POD</c>, where <c>*</c> stands for any text and <c>?</c> for any character.
/// </summary>
/// <param name="Namespace">Pattern of the namespace's name.</param>
/// <param name="Name">Pattern of the pod's name.</param>
public sealed record PodPattern(string Namespace, string Name) : EndPattern
{
    /// <summary>Whether the pattern has wild cards, so that it never pairs a pod with itself.</summary>
    public bool IsGlob => Glob.IsGlob(Namespace) || Glob.IsGlob(Name);

    /// <summary>Whether the pattern matches the pod.</summary>
    public bool Matches(PodKey key) => Glob.Matches(Namespace, key.Namespace) && Glob.Matches(Name, key.Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>
/// The pods of workloads: <c>NAMESPACE/KIND/NAME</c>, namespace and name as in <see cref="PodPattern"/>.
/// </summary>
/// <param name="Namespace">Pattern of the namespace's name.</param>
/// <param name="Kind">The kind, as the API writes it.</param>
/// <param name="Name">Pattern of the workload's name.</param>
public sealed record WorkloadPattern(string Namespace, string Kind, string Name) : EndPattern
{
    /// <summary>Whether the pattern matches the pod.</summary>
    public bool Matches(Pod pod) =>
        pod.Workload is { } owner
        && owner.Kind == Kind
        && Glob.Matches(Namespace, pod.Key.Namespace)
        && Glob.Matches(Name, owner.Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Kind.ToLowerInvariant()}/{Name}";
}

/// <summary>A node: <c>node:NAME</c>.</summary>
/// <param name="Name">The node's name.</param>
public sealed record NodePattern(string Name) : EndPattern
{
    /// <inheritdoc/>
    public override string ToString() => $"{EndPatternText.NodePrefix}{Name}";
}

/// <summary>An address, normally an external one.</summary>
/// <param name="Address">The address.</param>
public sealed record AddressPattern(IpAddress Address) : EndPattern
{
    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}
