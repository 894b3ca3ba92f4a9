using System.Diagnostics;

namespace Podfence.Base;

/// <summary>The one place that starts processes.</summary>
public static class ProgramStarter
{
    /// <summary>Starts a process.</summary>
    /// <param name="info">
    /// What to start; its file name is an absolute path (<see cref="ProgramPath"/> finds it), and there is no shell.
    /// </param>
    /// <exception cref="ArgumentException">The file name is not an absolute path, or a shell is asked for.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The system cannot start the file.</exception>
    public static Process Start(ProcessStartInfo info)
    {
        if (!Path.IsPathRooted(info.FileName) || info.UseShellExecute)
        {
            throw new ArgumentException(
                $"{info.FileName}: a program is started by its absolute path and without a shell",
                nameof(info)
            );
        }

#pragma warning disable RS0030 // The check above is the reason why nothing else may call it.
        return Process.Start(info)!;
#pragma warning restore RS0030
    }
}
