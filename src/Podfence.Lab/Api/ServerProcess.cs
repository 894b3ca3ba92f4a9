using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Podfence.Base;
using Podfence.Kubernetes;

namespace Podfence.Lab;

/// <summary>A server process whose log goes to a file and that is killed at the end.</summary>
internal sealed class ServerProcess
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly Process _process;
    private readonly string _log;
    private readonly Task _copying;

    private ServerProcess(Process process, string log)
    {
        _process = process;
        _log = log;
        _copying = CopyAsync();
    }

    public static ServerProcess Start(string program, string log, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return new ServerProcess(ProgramStarter.Start(info), log);
    }

    /// <exception cref="LabException">
    /// The server exits or takes too long; the message has the end of its log.
    /// </exception>
    public async Task WaitUntilReadyAsync(Func<Task<bool>> isReady, TimeSpan timeout, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await TryAsync(isReady))
        {
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(start) > timeout)
            {
                var lastLines = string.Join('\n', File.ReadLines(_log).TakeLast(5));
                var state = _process.HasExited
                    ? $"ended with code {_process.ExitCode}"
                    : $"is not ready after {timeout.TotalSeconds:0} s";
                throw new LabException(LabError.ToolFailed, $"{_process.StartInfo.FileName} {state}:\n{lastLines}");
            }

            await Task.Delay(s_pause, TimeProvider.System, cancel);
        }
    }

    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _copying;
    }

    private static async Task<bool> TryAsync(Func<Task<bool>> isReady)
    {
        try
        {
            return await isReady();
        }
        catch (Exception notYet)
            when (notYet is HttpRequestException or KubeException or AccessException or IOException)
        {
            return false;
        }
    }

    private async Task CopyAsync()
    {
        await using var file = new FileStream(_log, FileMode.Append, FileAccess.Write, FileShare.Read);
        await _process.StandardError.BaseStream.CopyToAsync(file);
    }
}

/// <summary>Free ports of the loopback address.</summary>
internal static class LoopbackPorts
{
    /// <summary>
    /// The given number of distinct ports. Another process may take one before it is used; binding then fails.
    /// </summary>
    public static int[] Free(int count)
    {
        var sockets = Enumerable
            .Range(0, count)
            .Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            .ToList();
        try
        {
            sockets.ForEach(static socket => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)));
            return [.. sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }
}
