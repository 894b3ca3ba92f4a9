using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>The response of an <see cref="ApiSimulator"/> to one request.</summary>
internal sealed class ApiResponse(
    ApiSimulator simulator,
    HttpContext context,
    SimulatedKind? kind,
    CancellationToken cancellationToken
)
{
    private readonly ApiFaults _faults = simulator.Faults;
    private readonly IQueryCollection _query = context.Request.Query;

    /// <summary>The object of an ERROR event for a version that is gone.</summary>
    public static string Expired { get; } = Status(410, "Expired", "too old resource version");

    public async Task SendAsync()
    {
        if (_faults.Latency > TimeSpan.Zero)
        {
            await Task.Delay(_faults.Latency, simulator.Options.Time, cancellationToken).ConfigureAwait(false);
        }

        await HushAsync().ConfigureAwait(false);
        if (simulator.Token is { } token && context.Request.Headers.Authorization != $"Bearer {token}")
        {
            await RefuseAsync(401, "Unauthorized", "Unauthorized").ConfigureAwait(false);
        }
        else if (_faults.DenyAction != 0)
        {
            await RefuseAsync(_faults.DenyAction, "Refused", "refused on request").ConfigureAwait(false);
        }
        else if (kind is null)
        {
            await RefuseAsync(404, "NotFound", "the server could not find the requested resource")
                .ConfigureAwait(false);
        }
        else if (_query["watch"] == "true")
        {
            await WatchAsync().ConfigureAwait(false);
        }
        else
        {
            await ListAsync().ConfigureAwait(false);
        }
    }

    private async Task HushAsync()
    {
        if (_faults.Silent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, simulator.Options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RefuseAsync(int status, string reason, string message, string details = "")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (_faults.RetryAfter > 0)
        {
            context.Response.Headers.RetryAfter = _faults.RetryAfter.ToString(CultureInfo.InvariantCulture);
        }

        await context
            .Response.WriteAsync(Status(status, reason, message, details), cancellationToken)
            .ConfigureAwait(false);
    }

    private static string Status(int status, string reason, string message, string details = "") =>
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}"{{details}},"code":{{status}}}""";

    private static long Number(string version) =>
        long.Parse(version.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private Task RefuseAheadAsync() =>
        RefuseAsync(
            504,
            "Timeout",
            "Too large resource version",
            ""","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}]}"""
        );

    private async Task ListAsync()
    {
        var limit = int.TryParse(_query["limit"], out var asked) && asked > 0 ? asked : int.MaxValue;
        var version = simulator.Locked(static version => version);
        if (_query["resourceVersion"] is [{ Length: > 0 } least] && Number(least) > version)
        {
            await RefuseAheadAsync().ConfigureAwait(false);
            return;
        }

        StoredObject[]? objects;
        var from = 0;
        if (_query["continue"] is [{ Length: > 0 } next])
        {
            var parts = next.Split(' ');
            (from, version) = (int.Parse(parts[1], CultureInfo.InvariantCulture), Number(parts[2]));
            objects = simulator.Locked(_ => kind!.Recall(parts[0]));
            if (objects is null || _faults.TakeForgottenPage())
            {
                await RefuseAsync(410, "Expired", "The provided continue parameter is too old").ConfigureAwait(false);
                return;
            }

            next = parts[0];
        }
        else
        {
            (objects, next) = simulator.Locked(_ =>
            {
                StoredObject[] all = [.. kind!.Objects.Values];
                return (all, all.Length > limit ? kind.Remember(all) : "");
            });
        }

        var until = (int)Math.Min(objects.Length, from + (long)limit);
        var rest = until < objects.Length ? $"{next} {until} {SimulatedKind.Text(version)}" : "";
        await SendPageAsync(objects, from, until, version, rest).ConfigureAwait(false);
    }

    private async Task SendPageAsync(StoredObject[] objects, int from, int until, long version, string next)
    {
        context.Response.ContentType = "application/json";
        var isCompressed = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal);
        if (isCompressed)
        {
            context.Response.Headers.ContentEncoding = "gzip";
        }

        await using var body = isCompressed
            ? new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : context.Response.Body;
        using var buffer = new MemoryStream();
        buffer.Write(
            Encoding.UTF8.GetBytes(
                $$"""{"kind":"{{kind!.Kind}}List","apiVersion":"{{kind.ApiVersion}}","metadata":{"resourceVersion":"{{SimulatedKind.Text(version)}}","continue":"{{next}}"},"items":["""
            )
        );
        for (var i = from; i < until; i++)
        {
            if (_faults.TakeCutPage())
            {
                buffer.Write(objects[i].Head);
                await body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken)
                    .ConfigureAwait(false);
                await body.FlushAsync(cancellationToken).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
                await ApiFaults.ArriveAsync(cancellationToken).ConfigureAwait(false);
                throw new IOException("cut on request");
            }

            buffer.Write(i > from ? ","u8 : ""u8);
            WriteObject(buffer, objects[i]);
            if (buffer.Length > 256 << 10)
            {
                await body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken)
                    .ConfigureAwait(false);
                buffer.SetLength(0);
            }
        }

        buffer.Write("]}"u8);
        await body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken)
            .ConfigureAwait(false);
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WatchAsync()
    {
        var isList = _query["sendInitialEvents"] == "true";
        if (isList && simulator.Options.StreamedLists == StreamedLists.Refused)
        {
            await RefuseAsync(
                    422,
                    "Invalid",
                    "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList "
                        + "feature gate is enabled"
                )
                .ConfigureAwait(false);
            return;
        }

        isList &= simulator.Options.StreamedLists == StreamedLists.Served;
        var stated = _query["resourceVersion"] is [{ Length: > 0 } text] ? Number(text) : (long?)null;
        var (version, initial, isPast) = simulator.Locked(now =>
            (stated ?? now, stated is null ? kind!.Objects.Values.ToArray() : [], stated < kind!.CompactedTo)
        );
        if (isPast)
        {
            // Servers say so in either way, depending on where they notice.
            if (version % 2 == 0)
            {
                await RefuseAsync(410, "Expired", "too old resource version").ConfigureAwait(false);
                return;
            }

            await context
                .Response.WriteAsync($$"""{"type":"ERROR","object":{{Expired}}}{{'\n'}}""", cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        using var watch = new ApiWatch(simulator, context, kind!, version, cancellationToken);
        await watch.SendAsync(initial, isList, Length()).ConfigureAwait(false);
    }

    private TimeSpan Length() =>
        TimeSpan.FromSeconds(int.TryParse(_query["timeoutSeconds"], out var seconds) ? seconds : 1800);

    /// <summary>The object's bytes.</summary>
    private void WriteObject(MemoryStream buffer, StoredObject stored)
    {
        buffer.Write(stored.Head);
        buffer.Write(kind!.Tail);
    }
}
