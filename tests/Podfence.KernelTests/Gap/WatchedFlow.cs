using Podfence.Evaluation;
using Podfence.Lab;

namespace Podfence.KernelTests;

/// <summary>A flow whose verdict stays the same through a whole sequence of changes.</summary>
internal sealed record WatchedFlow(LabFlow Flow, bool IsAllowed)
{
    public override string ToString() => $"{Flow}, {(IsAllowed ? "allowed" : "denied")} throughout";
}
