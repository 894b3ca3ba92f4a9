using System.Buffers.Binary;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Lab;

namespace Podfence.Bench;

/// <summary>One commit of nf_tables, as it tells those who listen.</summary>
/// <param name="At">When the message of the new generation was read, which is after the commit.</param>
/// <param name="Generation">Its number.</param>
/// <param name="Elements">Elements that it added or removed.</param>
/// <param name="Leading">
/// Elements with a verdict and rules that were there before: a commit without any changes nothing that a packet can
/// come to.
/// </param>
internal readonly record struct Commit(long At, uint Generation, int Elements, int Leading);

/// <summary>
/// Listens to nf_tables in a network namespace, on a thread of its own. The kernel tells every element of a commit and
/// then its generation; so an address that a change brings into the kernel is seen in the commit that does, and when,
/// without asking anything. Being told costs the agent: the kernel writes the messages before its answer.
/// </summary>
internal sealed class KernelWatch : IDisposable
{
    private const int NfTablesGroup = 7;
    private const int Patience = 50;
    private const int Buffer = 64 << 20;
    private readonly int _socket;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly List<Commit> _commits = [];
    private readonly Dictionary<uint, List<long>> _seen = [];
    private readonly List<uint> _pending = [];
    private int _elements;
    private int _leading;
    private volatile string? _fault;
    private volatile bool _ends;

    public KernelWatch(NetworkNamespace where)
    {
        _socket = where.Run(static () => Posix.OpenNetlink(NetlinkSocket.ProtocolNetfilter, NfTablesGroup));
        Posix.Buffers(_socket, Buffer);
        _thread = new Thread(Listen) { IsBackground = true, Name = "nf_tables" };
        _thread.Start();
    }

    /// <summary>Commits so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _commits.Count;
            }
        }
    }

    /// <summary>Those after a number of them.</summary>
    public IReadOnlyList<Commit> After(int count)
    {
        Throw();
        lock (_gate)
        {
            return [.. _commits.Skip(count)];
        }
    }

    /// <summary>When an address was last told of in a commit between two times; null if it was not.</summary>
    public long? LastOf(uint address, long from, long until)
    {
        Throw();
        lock (_gate)
        {
            var times = _seen.GetValueOrDefault(address) ?? [];
            var index = times.FindLastIndex(time => time >= from && time < until);
            return index < 0 ? null : times[index];
        }
    }

    /// <summary>Waits until there have been commits after a number of them, and then none for a while.</summary>
    public async Task<IReadOnlyList<Commit>> QuietAfterAsync(
        int count,
        TimeSpan quiet,
        TimeSpan patience,
        CancellationToken cancel
    )
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
            var commits = After(count);
            if (commits.Count > 0 && TimeProvider.System.GetElapsedTime(commits[^1].At) > quiet)
            {
                return commits;
            }

            if (TimeProvider.System.GetElapsedTime(began) > patience)
            {
                throw new BenchException(
                    $"the kernel was told nothing, or did not come to rest, in {patience.TotalSeconds:0} s"
                );
            }
        }
    }

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        Posix.Close(_socket);
    }

    private void Throw()
    {
        if (_fault is { } fault)
        {
            throw new BenchException($"listening to nf_tables: {fault}");
        }
    }

    private void Listen()
    {
        var buffer = new byte[256 << 10];
        try
        {
            while (!_ends)
            {
                if (!Posix.Wait(_socket, Patience))
                {
                    continue;
                }

                var length = (int)Posix.Receive(_socket, buffer);
                var at = TimeProvider.System.GetTimestamp();
                ReadOnlySpan<byte> rest = buffer.AsSpan(0, length);
                while (NetlinkMessage.TryTake(ref rest, out var message))
                {
                    Hear(message, at);
                }
            }
        }
        catch (BenchException fault)
        {
            _fault = fault.Message;
        }
    }

    private void Hear(NetlinkMessage message, long at)
    {
        switch ((NfMessage)(message.Type & 0xff))
        {
            case NfMessage.NewElements or NfMessage.DeleteElements:
                HearElements(message.Attributes);
                break;
            case NfMessage.DeleteRule:
                _leading++;
                break;
            case NfMessage.NewGeneration:
                Commit(GenerationOf(message.Attributes), at);
                break;
        }
    }

    private void Commit(uint generation, long at)
    {
        lock (_gate)
        {
            _commits.Add(new Commit(at, generation, _elements, _leading));
            foreach (var address in _pending)
            {
                (_seen.TryGetValue(address, out var times) ? times : _seen[address] = []).Add(at);
            }
        }

        _pending.Clear();
        (_elements, _leading) = (0, 0);
    }

    private void HearElements(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Type == NfTables.ElementListAttribute.Elements)
            {
                foreach (var element in attribute.Nested)
                {
                    _elements++;
                    HearElement(element.Nested);
                }
            }
        }
    }

    private void HearElement(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Type == NfTables.ElementAttribute.Data)
            {
                _leading++;
            }
            else if (attribute.Type == NfTables.ElementAttribute.Key)
            {
                foreach (var value in attribute.Nested)
                {
                    if (value.Type == NfTables.DataAttribute.Value && value.Value.Length == 4)
                    {
                        _pending.Add(BinaryPrimitives.ReadUInt32BigEndian(value.Value));
                    }
                }
            }
        }
    }

    private static uint GenerationOf(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Type == NfTables.GenerationId)
            {
                return attribute.AsUInt32();
            }
        }

        return 0;
    }
}
