namespace Podfence.ClusterTests;

/// <summary>Tests that keep a small machine busy: one of them at a time.</summary>
[CollectionDefinition(Name)]
public sealed class BusyMachine
{
    public const string Name = "busy machine";
}
