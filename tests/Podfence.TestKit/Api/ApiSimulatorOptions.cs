namespace Podfence.TestKit;

/// <summary>How a streamed list is answered.</summary>
public enum StreamedLists
{
    /// <summary>As asked for.</summary>
    Served,

    /// <summary>With a refusal, as by servers that have them switched off.</summary>
    Refused,

    /// <summary>As a watch from now on, as by servers that do not know the parameter.</summary>
    Ignored,
}

/// <summary>What an <see cref="ApiSimulator"/> is like.</summary>
public sealed record ApiSimulatorOptions
{
    /// <summary>How streamed lists are answered.</summary>
    public StreamedLists StreamedLists { get; init; } = StreamedLists.Served;

    /// <summary>Time between bookmarks; none by default.</summary>
    public TimeSpan? BookmarkInterval { get; init; }

    /// <summary>
    /// Bytes that every object carries besides what policy needs, as those of real clusters do. 0 by default.
    /// </summary>
    public int Bulk { get; init; }

    /// <summary>The port of the loopback interface; one that is free by default.</summary>
    public int Port { get; init; }

    /// <summary>The clock of latency, bookmarks and the lengths of watches. The system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
