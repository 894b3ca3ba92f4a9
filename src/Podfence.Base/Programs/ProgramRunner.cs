using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;

namespace Podfence.Base;

/// <summary>
/// Runs programs to their end: by absolute path, without a shell, with a timeout and a limit on their output.
/// </summary>
public static class ProgramRunner
{
    // A killed program ends at once, unless the kernel holds it in a call that cannot be interrupted.
    private static readonly TimeSpan s_maxKillWait = TimeSpan.FromSeconds(1);

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="cancellationToken">Kills the program with all its children.</param>
    /// <exception cref="ProgramException">
    /// It cannot be started, runs too long or prints too much. An exit code other than 0 is a result.
    /// </exception>
    public static async Task<ProgramResult> RunAsync(
        ProgramRequest request,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(request.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var process = Start(request);
        try
        {
            // Reading starts before writing: otherwise each side could wait for the other with a full pipe.
            var output = ReadAsync(process, process.StandardOutput.BaseStream, request, either.Token);
            var errors = ReadAsync(process, process.StandardError.BaseStream, request, either.Token);
            await WriteAsync(process, request.Input, either.Token).ConfigureAwait(false);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(either.Token)).ConfigureAwait(false);
            return new ProgramResult(
                process.ExitCode,
                await output.ConfigureAwait(false),
                await errors.ConfigureAwait(false)
            );
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProgramException(
                ProgramFailure.TimedOut,
                $"did not end within {request.Timeout.TotalSeconds:0} s and was killed",
                late
            );
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(s_maxKillWait);
            }
        }
    }

    private static Process Start(ProgramRequest request)
    {
        var info = new ProcessStartInfo(request.Path, request.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = request.WorkingFolder ?? "",
        };
        if (!request.InheritsEnvironment)
        {
            info.Environment.Clear();
        }

        foreach (var (name, value) in request.Environment)
        {
            info.Environment[name] = value;
        }

        try
        {
            return request.Start(info);
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new ProgramException(ProgramFailure.CannotStart, error.Message, error);
        }
    }

    private static async Task<byte[]> ReadAsync(
        Process process,
        Stream stream,
        ProgramRequest request,
        CancellationToken cancellationToken
    )
    {
        using var all = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                if (all.Length + count > request.MaxOutputBytes)
                {
                    // Killed here, because the program may block on its other stream, which would then never end.
                    process.Kill(entireProcessTree: true);
                    throw new ProgramException(
                        ProgramFailure.TooMuchOutput,
                        $"printed more than {request.MaxOutputBytes} bytes and was killed"
                    );
                }

                all.Write(buffer, 0, count);
            }

            return all.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task WriteAsync(
        Process process,
        ReadOnlyMemory<byte> input,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading everything; its exit code and error text give the reason.
        }
    }
}
