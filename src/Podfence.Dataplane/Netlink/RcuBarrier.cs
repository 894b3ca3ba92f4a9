using System.Runtime.InteropServices;

namespace Podfence.Dataplane;

/// <summary>
/// Waits for packets that are under way in the packet filter. They pass it as readers of RCU, and <c>membarrier(2)</c> with its global command waits for all of these.
/// It needs no privilege.
/// </summary>
internal static class RcuBarrier
{
    // Where the kernel has no such call (nohz_full, or a filter of system calls): a thousand times what a packet takes that is not held up.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly int? s_number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 324,
        Architecture.Arm64 => 283,
        _ => null,
    };

    /// <summary>Waits.</summary>
    /// <returns>Whether the kernel did; otherwise time went by.</returns>
    public static bool Wait()
    {
        if (s_number is { } number && Libc.SystemCall(number, Libc.MembarrierGlobal, 0, 0) == 0)
        {
            return true;
        }

        using var never = new ManualResetEventSlim();
        never.Wait(Pause);
        return false;
    }
}
