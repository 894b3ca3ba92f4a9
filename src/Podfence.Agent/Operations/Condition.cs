namespace Podfence.Agent;

/// <summary>A condition of liveness or readiness.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Holds">Whether it is met.</param>
/// <param name="Message">Why it is not met, and the remedy; null if it is met.</param>
public sealed record Condition(string Name, bool Holds, string? Message)
{
    /// <summary>A condition that is met.</summary>
    public static Condition Holding(string name) => new(name, Holds: true, null);

    /// <summary>A condition that is not met.</summary>
    public static Condition Failing(string name, string message) => new(name, Holds: false, message);
}
