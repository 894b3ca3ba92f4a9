using System.Text;

namespace Podfence.Lab;

/// <summary>Writes kernel settings below <c>/proc/sys/net</c> of the calling thread's namespace.</summary>
internal static class Sysctl
{
    public static void Write(string path, string value)
    {
        var optional = path.EndsWith('?');
        var file = $"/proc/sys/net/{path.TrimEnd('?')}";
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(handle, Encoding.ASCII.GetBytes(value), 0);
        }
        catch (Exception absent) when (optional && absent is FileNotFoundException or DirectoryNotFoundException)
        {
            // The setting is optional.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabError.Kernel, $"cannot write {value} to {file}: {fault.Message}", fault);
        }
    }
}
