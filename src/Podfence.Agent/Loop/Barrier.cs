using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// All that came before is to be in the kernel when its listener hears of it. The first barrier says that the source has told everything there is:
/// nothing is written before it.
/// </summary>
/// <param name="Number">Named back to the listener.</param>
public sealed record Barrier(long Number) : ClusterEvent;
