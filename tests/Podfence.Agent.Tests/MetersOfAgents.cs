namespace Podfence.Agent.Tests;

/// <summary>
/// Tests in which agents count: a scrape has the numbers of every agent of the process, so there is to be one at a
/// time.
/// </summary>
[CollectionDefinition(Name)]
public sealed class MetersOfAgents
{
    public const string Name = "meters of agents";
}
