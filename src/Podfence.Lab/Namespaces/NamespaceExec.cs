using System.Runtime.InteropServices;

namespace Podfence.Lab;

/// <summary>Replaces this process by a program inside a namespace, as a shell's <c>exec</c> does.</summary>
public static class NamespaceExec
{
    private const int SigPipe = 13;

    /// <summary>Enters a namespace and executes a program. Returns only by an exception.</summary>
    /// <param name="namespacePath">
    /// A path of the namespace, such as <see cref="NetworkNamespace.Path"/> of another process.
    /// </param>
    /// <param name="command">The program, looked up in PATH, and its arguments.</param>
    /// <exception cref="LabException">The namespace cannot be entered, or the program cannot be executed.</exception>
    public static void Replace(string namespacePath, IReadOnlyList<string> command)
    {
        using (var target = File.OpenHandle(namespacePath))
        {
            if (Libc.SetNs(target, Libc.CloneNewNet) != 0)
            {
                throw new LabException(
                    LabError.NotPermitted,
                    $"cannot enter the namespace: {Marshal.GetLastPInvokeErrorMessage()}; run podfence as root"
                );
            }
        }

        // The runtime ignores SIGPIPE, and ignored signals stay ignored across exec.
        Libc.Signal(SigPipe, 0);
        Libc.Execute(command[0], [.. command, null]);
        throw new LabException(
            LabError.ToolMissing,
            $"cannot run {command[0]}: {Marshal.GetLastPInvokeErrorMessage()}"
        );
    }
}
