namespace Podfence.Dataplane.Tests;

/// <summary>Tests that look at the memory of the process: none runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
