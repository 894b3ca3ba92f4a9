namespace Podfence.Analysis;

/// <summary>Ends put into classes, and a set of ports for every two classes: what is open between them, or what has changed.</summary>
internal interface IEndClasses
{
    /// <summary>How many classes there are.</summary>
    int Count { get; }

    /// <summary>The sets of ports that rows speak of by number.</summary>
    PortSetPool Ports { get; }

    /// <summary>The ports between a node and its own pods where policies have no say.</summary>
    int Unjudged { get; }

    /// <summary>Who the ends of a class are.</summary>
    ReachClass this[int number] { get; }

    /// <summary>The class of an end.</summary>
    int Of(in ReachEnd end);

    /// <summary>The numbers of the ports from a class to each class, between different ends of which none is the node of the other. All ends are to be put into classes before.</summary>
    ReadOnlySpan<int> Row(int source);
}
