namespace Podfence.Dataplane.Tests;

/// <summary>Tests that measure the memory of the process: no other test runs in parallel.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Serial
{
    public const string Name = "serial";
}
