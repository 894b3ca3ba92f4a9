using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Podfence.Cli.Tests;

/// <summary>Signals to processes that the tests started.</summary>
internal static class Signals
{
    private const int Interrupt = 2;

    /// <summary>SIGKILL. A process that has ended is no fault.</summary>
    public static void Kill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
    public static void SendInterrupt(Process process) => Assert.Equal(0, Send(process.Id, Interrupt));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Send(int process, int signal);
}
