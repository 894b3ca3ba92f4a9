using System.Diagnostics;
using System.Text.Json;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Starts a lab's daemon as a process of its own and waits until the lab is up. The daemon reports over its standard output, in the lines of the control socket.</summary>
public static class DaemonLauncher
{

    /// <summary>Starts a daemon.</summary>
    /// <param name="command">Its command line, program first; it ends up in <see cref="ServeAsync"/>.</param>
    /// <param name="passInput">Whether it reads manifests from this process's standard input.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancel">Ends the daemon.</param>
    /// <returns>The lab, up and fenced.</returns>
    /// <exception cref="LabException">It could not come up; nothing is left of it.</exception>
    public static async Task<LabStatus> StartAsync(IReadOnlyList<string> command, bool passInput, IProgress<string>? progress, CancellationToken cancel)
    {
        // Every stream is a pipe of ours: a daemon that held the caller's would keep a shell's pipeline waiting for it.
        var info = new ProcessStartInfo(command[0]) { UseShellExecute = false, RedirectStandardInput = !passInput, RedirectStandardOutput = true, RedirectStandardError = true };
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
                    throw new LabException(Enum.TryParse<LabError>(reply.ErrorKind, out var kind) ? kind : LabError.Protocol, error);
                }

                progress?.Report(reply.Progress ?? "");
            }

            await process.WaitForExitAsync(cancel);
            throw new LabException(LabError.Protocol, $"the lab daemon exited with code {process.ExitCode}: {(await errors).Trim()}");
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

    /// <summary>The daemon's side: leaves the terminal, brings the lab up, reports, and serves it until it is to end.</summary>
    /// <param name="options">The lab.</param>
    /// <param name="output">What the starter reads.</param>
    /// <param name="cancel">Takes the lab down.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(LabDaemonOptions options, TextWriter output, CancellationToken cancel)
    {
        // The starter's terminal may close and its Ctrl-C is not meant for the lab.
        _ = Libc.SetSid();
        try
        {
            await LabDaemon.RunAsync(options, new Reporter(output), status => Send(output, new ControlReply { Status = status }), cancel);
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
            // Nobody listens any more.
        }
    }

    private static void End(Process process) => _ = Libc.Kill(process.Id, Libc.SigTerm);

    /// <summary>Reports in the order of things, which <see cref="Progress{T}"/> does not.</summary>
    private sealed class Reporter(TextWriter output) : IProgress<string>
    {
        public void Report(string value) => Send(output, new ControlReply { Progress = value });
    }
}
