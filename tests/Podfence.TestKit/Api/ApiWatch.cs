using System.Text;
using Microsoft.AspNetCore.Http;

namespace Podfence.TestKit;

/// <summary>One watch of an <see cref="ApiSimulator"/>.</summary>
internal sealed class ApiWatch(
    ApiSimulator simulator,
    HttpContext context,
    SimulatedKind kind,
    long version,
    CancellationToken cancellationToken
) : IDisposable
{
    private readonly MemoryStream _buffer = new();
    private long _version = version;

    public async Task SendAsync(StoredObject[] initial, bool isList, TimeSpan length)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        foreach (var stored in initial)
        {
            Write("ADDED", stored);
            if (_buffer.Length > 64 << 10)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }

        if (isList)
        {
            WriteBookmark(",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}");
        }

        await FlushAsync().ConfigureAwait(false);
        var time = simulator.Options.Time;
        using var end = new CancellationTokenSource(length, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await FollowAsync(time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
            when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The time that was asked for is over: a clean end.
        }
    }

    private async Task FollowAsync(TimeProvider time, CancellationToken end)
    {
        var bookmarks = simulator.Options.BookmarkInterval;
        var isDue = bookmarks is { } first
            ? Task.Delay(first, time, end)
            : Task.Delay(Timeout.InfiniteTimeSpan, simulator.Options.Time, end);
        while (true)
        {
            var (changes, changed, isPast, now) = simulator.Locked(now =>
                (kind.Since(_version), kind.Changed, _version < kind.LastForgotten, now)
            );
            if (isPast)
            {
                // Only who has heard everything may stay when changes are forgotten.
                await context
                    .Response.WriteAsync($$"""{"type":"ERROR","object":{{ApiResponse.Expired}}}{{'\n'}}""", end)
                    .ConfigureAwait(false);
                return;
            }

            WriteChanges(changes);
            if (isDue.IsCompleted && bookmarks is { } next)
            {
                _version = Math.Max(_version, now);
                WriteBookmark("");
                isDue = Task.Delay(next, time, end);
            }

            await FlushAsync().ConfigureAwait(false);
            await Task.WhenAny(changed, isDue).WaitAsync(end).ConfigureAwait(false);
            end.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _buffer.Dispose();

    private void WriteChanges(List<StoredChange> changes)
    {
        if (simulator.Faults.Reorders)
        {
            for (var i = 0; i + 1 < changes.Count; i += 2)
            {
                if (changes[i].Object.Key != changes[i + 1].Object.Key)
                {
                    (changes[i], changes[i + 1]) = (changes[i + 1], changes[i]);
                }
            }
        }

        foreach (var change in changes)
        {
            Write(change.Type, change.Object);
            if (simulator.Faults.Duplicates)
            {
                Write(change.Type, change.Object);
            }

            _version = Math.Max(_version, change.Object.Version);
        }
    }

    private void Write(string type, StoredObject stored)
    {
        _buffer.Write(Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
        _buffer.Write(stored.Head);
        _buffer.Write(kind.Tail);
        _buffer.Write("}\n"u8);
    }

    private void WriteBookmark(string annotations) =>
        _buffer.Write(
            Encoding.ASCII.GetBytes(
                $"{{\"type\":\"BOOKMARK\",\"object\":{{\"kind\":\"{kind.Kind}\",\"apiVersion\":\"{kind.ApiVersion}\",\"metadata\":{{\"resourceVersion\":\"{SimulatedKind.Text(_version)}\",\"creationTimestamp\":null{annotations}}}}}}}\n"
            )
        );

    private async Task FlushAsync()
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        if (simulator.Faults.Silent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, simulator.Options.Time, cancellationToken).ConfigureAwait(false);
        }

        var isCut = simulator.Faults.TakeCutEvent();
        var length = (int)_buffer.Length / (isCut ? 2 : 1);
        await context
            .Response.Body.WriteAsync(_buffer.GetBuffer().AsMemory(0, length), cancellationToken)
            .ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        _buffer.SetLength(0);
        if (isCut)
        {
            await ApiFaults.ArriveAsync(cancellationToken).ConfigureAwait(false);
            throw new IOException("cut on request");
        }
    }
}
