namespace Podfence.KernelTests;

/// <summary>Tests that load the machine: they run one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class Serial
{
    public const string Name = "serial";
}
