using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>
/// What goes wrong between an <see cref="ApiSimulator"/> and who asks it. Each may be set and cleared at any time; it
/// takes effect with the next request or event.
/// </summary>
public sealed class ApiFaults
{
    private int _cutPages;
    private int _cutEvents;
    private int _forgottenPages;

    /// <summary>Every request is refused with this status; 0 for none.</summary>
    public int DenyAction { get; set; }

    /// <summary>The Retry-After of refusals in seconds; 0 for none.</summary>
    public int RetryAfter { get; set; }

    /// <summary>Connections are taken and nothing is ever said on them, also not on those that are open.</summary>
    public bool Silent { get; set; }

    /// <summary>Time before each response.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Pages break off within their first object; so many of them.</summary>
    public int CutPages
    {
        get => _cutPages;
        set => _cutPages = value;
    }

    /// <summary>Watches break off within an event; so many times.</summary>
    public int CutEvents
    {
        get => _cutEvents;
        set => _cutEvents = value;
    }

    /// <summary>The second page of a list is answered with 410; so many times.</summary>
    public int ForgottenPages
    {
        get => _forgottenPages;
        set => _forgottenPages = value;
    }

    /// <summary>Every event is sent twice.</summary>
    public bool Duplicates { get; set; }

    /// <summary>Events of different objects that are ready together are sent the other way round.</summary>
    public bool Reorders { get; set; }

    // A connection that is broken takes along what the peer has not read yet, and who has read nothing simply asks
    // again.
    internal static Task ArriveAsync(CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);

    internal bool TakeCutPage() => Take(ref _cutPages);

    internal bool TakeCutEvent() => Take(ref _cutEvents);

    internal bool TakeForgottenPage() => Take(ref _forgottenPages);

    private static bool Take(ref int left) => Volatile.Read(ref left) > 0 && Interlocked.Decrement(ref left) >= 0;
}
