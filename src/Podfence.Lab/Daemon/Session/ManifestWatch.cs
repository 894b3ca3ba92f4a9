using Podfence.Manifests;

namespace Podfence.Lab;

/// <summary>Watches files and directories: reports a burst of changes once, shortly after its last change.</summary>
internal sealed class ManifestWatch : IDisposable
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(100);

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly ITimer _timer;

    public ManifestWatch(IReadOnlyList<string> paths, Action changed, TimeProvider time)
    {
        _timer = time.CreateTimer(_ => changed(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var path in paths.Where(static path => path != ManifestReader.StandardInput))
        {
            var isFolder = Directory.Exists(path);
            var folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
            var watcher = new FileSystemWatcher(folder)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            if (!isFolder)
            {
                watcher.Filter = Path.GetFileName(path);
            }

            watcher.Changed += Touched;
            watcher.Created += Touched;
            watcher.Deleted += Touched;
            watcher.Renamed += Touched;
            watcher.Error += (_, _) => Defer();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
    }

    public void Dispose()
    {
        _watchers.ForEach(static watcher => watcher.Dispose());
        _timer.Dispose();
    }

    private void Touched(object sender, FileSystemEventArgs change) => Defer();

    private void Defer()
    {
        try
        {
            _timer.Change(s_quiet, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // A last event of a watcher that is being disposed.
        }
    }
}
