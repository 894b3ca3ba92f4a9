using System.Runtime.InteropServices;

namespace Podfence.Dataplane;

/// <summary>
/// Waits for packets in flight through the packet filter. They pass it as readers of RCU, and <c>membarrier(2)</c> with
/// its global command waits for all of these. It needs no privilege.
/// </summary>
internal static class RcuBarrier
{
    // Where the call is not available (nohz_full, or seccomp): a thousand times what a packet usually takes.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly int? s_number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 324,
        Architecture.Arm64 => 283,
        _ => null,
    };

    /// <summary>Waits for all packets in flight.</summary>
    /// <returns>Whether the kernel did; otherwise a fixed time has passed.</returns>
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
