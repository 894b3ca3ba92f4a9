using System.Diagnostics;
using System.Text.Json;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Starts a lab daemon as a process and waits until the lab is up. The daemon reports on its standard output, in the
/// format of the control socket.
/// </summary>
public static class DaemonLauncher
{
    /// <summary>Starts a daemon.</summary>
    /// <param name="command">Its command line, program first; the process must call <see cref="ServeAsync"/>.</param>
    /// <param name="passInput">Whether it reads manifests from this process's standard input.</param>
    /// <param name="progress">Receives the current step.</param>
    /// <param name="cancel">Stops the daemon.</param>
    /// <returns>The lab, which is up, with all rules in place.</returns>
    /// <exception cref="LabException">The lab failed to start; nothing of it is left.</exception>
    public static async Task<LabStatus> StartAsync(
        IReadOnlyList<string> command,
        bool passInput,
        IProgress<string>? progress,
        CancellationToken cancel
    )
    {
        // All streams are pipes to this process: a daemon that inherited the caller's streams would block a shell
        // pipeline.
        var info = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = !passInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        using var process = ProgramStarter.Start(info);
        if (!passInput)
        {
            process.StandardInput.Close();
        }

        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            {
                var reply = JsonSerializer.Deserialize(line, ControlJson.Default.ControlReply)!;
                if (reply.Status is { } status)
                {
                    return status;
                }

                if (reply.Error is { } error)
                {
                    await process.WaitForExitAsync(cancel);
                    throw new LabException(
                        Enum.TryParse<LabError>(reply.ErrorKind, out var kind) ? kind : LabError.Protocol,
                        error
                    );
                }

                progress?.Report(reply.Progress ?? "");
            }

            await process.WaitForExitAsync(cancel);
            throw new LabException(
                LabError.Protocol,
                $"the lab daemon exited with code {process.ExitCode}: {(await errors).Trim()}"
            );
        }
        catch (JsonException fault)
        {
            End(process);
            throw new LabException(LabError.Protocol, $"unexpected output from the lab daemon: {fault.Message}", fault);
        }
        catch (OperationCanceledException)
        {
            End(process);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// The daemon's side: leaves the terminal, starts the lab, reports, and serves the lab until it is stopped.
    /// </summary>
    /// <param name="options">The lab.</param>
    /// <param name="output">The stream that the starting process reads.</param>
    /// <param name="cancel">Stops the lab.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(LabDaemonOptions options, TextWriter output, CancellationToken cancel)
    {
        // The terminal of the starting process may close, and its Ctrl-C must not reach the lab.
        _ = Libc.SetSid();
        try
        {
            await LabDaemon.RunAsync(
                options,
                new Reporter(output),
                status => Send(output, new ControlReply { Status = status }),
                cancel
            );
            return 0;
        }
        catch (LabException fault)
        {
            Send(output, new ControlReply { Error = fault.Message, ErrorKind = fault.Error.ToString() });
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }

    private static void Send(TextWriter output, ControlReply reply)
    {
        try
        {
            output.WriteLine(JsonSerializer.Serialize(reply, ControlJson.Default.ControlReply));
            output.Flush();
        }
        catch (IOException)
        {
            // The starting process has exited.
        }
    }

    private static void End(Process process) => _ = Libc.Kill(process.Id, Libc.SigTerm);

    /// <summary>Reports in order, which <see cref="Progress{T}"/> does not guarantee.</summary>
    private sealed class Reporter(TextWriter output) : IProgress<string>
    {
        public void Report(string value) => Send(output, new ControlReply { Progress = value });
    }
}
