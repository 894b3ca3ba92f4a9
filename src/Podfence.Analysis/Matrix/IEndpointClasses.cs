namespace Podfence.Analysis;

/// <summary>
/// Classes of endpoints, and a port set for every two classes: what is open between them, or what has changed.
/// </summary>
internal interface IEndpointClasses
{
    /// <summary>How many classes there are.</summary>
    int Count { get; }

    /// <summary>The port sets that rows refer to by number.</summary>
    PortSetPool Ports { get; }

    /// <summary>The ports between a node and its own pods, which policies do not restrict.</summary>
    int Exempt { get; }

    /// <summary>The properties of a class.</summary>
    ReachClass this[int number] { get; }

    /// <summary>The class of an endpoint.</summary>
    int Of(in ReachEndpoint end);

    /// <summary>
    /// The numbers of the ports from a class to each class, between different endpoints of which none is the node of
    /// the other. All endpoints must be classified before.
    /// </summary>
    ReadOnlySpan<int> Row(int source);
}
