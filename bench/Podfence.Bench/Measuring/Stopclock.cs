namespace Podfence.Bench;

/// <summary>Measures one piece of work by the clock on the wall and by the processor time of this thread.</summary>
/// <remarks>
/// The time of interrupts that a system call sets off is counted to the thread that made the call, unless the kernel
/// does precise interrupt accounting. So the thread's time covers the whole path of a packet between namespaces, and
/// does not grow when others use the machine.
/// </remarks>
internal readonly struct Stopclock
{
    private readonly long _wall;
    private readonly double _cpu;

    private Stopclock(long wall, double cpu)
    {
        _wall = wall;
        _cpu = cpu;
    }

    public double WallSeconds => TimeProvider.System.GetElapsedTime(_wall).TotalSeconds;

    public double CpuSeconds => Posix.ThreadCpuSeconds() - _cpu;

    public static Stopclock Start() => new(TimeProvider.System.GetTimestamp(), Posix.ThreadCpuSeconds());
}
