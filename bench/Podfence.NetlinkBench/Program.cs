// Time per change of Podfence's netlink code compared with libnftables in process, in private network namespaces. Needs
// root. Prints a table; asserts nothing.
using System.Diagnostics;
using System.Globalization;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.NetlinkBench;
using Podfence.Rulesets;
using Podfence.TestKit;

const int Changes = 500;
var clock = TimeProvider.System;
Console.WriteLine("| set | by | load ms | add p50 (p99) ms | remove p50 (p99) ms | read back ms | resident after MB |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
foreach (
    var (kind, size) in new[]
    {
        (NftKey.Address, 1_000),
        (NftKey.Address, 100_000),
        (NftKey.AddressRange, 1_000),
        (NftKey.AddressRange, 10_000),
    }
)
{
    var set = new NftSet("s", kind, IpFamily.IPv4, false);
    var elements = Enumerable.Range(0, size).Select(i => Element(i)).ToArray();
    var extra = Element(size);

    using (var netns = new PrivateNetns())
    using (var kernel = netns.Run(NetlinkKernel.Open))
    {
        kernel.Run([new AddTable(), new AddSet(set)]);
        var load = Time(() => kernel.Run([new AddElements(set, elements)]));
        var (add, remove) = Sample(
            () => kernel.Run([new AddElements(set, [extra])]),
            () => kernel.Run([new DeleteElements(set, [extra])])
        );
        kernel.Read();
        var read = Time(() => kernel.Read());
        Report("netlink", load, add, remove, read);
    }

    // libnftables opens its socket at the first command: in the namespace of the thread that runs it.
    using (var netns = new PrivateNetns())
    {
        netns.Run(() =>
        {
            using var nft = new LibNftables();
            nft.Run(NftText.Print([new AddTable(), new AddSet(set)]));
            var load = Time(() => nft.Run(NftText.Print([new AddElements(set, elements)])));
            var (add, remove) = Sample(
                () => nft.Run(NftText.Print([new AddElements(set, [extra])])),
                () => nft.Run(NftText.Print([new DeleteElements(set, [extra])]))
            );
            var read = Time(() => nft.Run("list table inet podfence"));
            Report("libnftables", load, add, remove, read);
        });
    }

    // Every other block, so that no two ranges touch.
    NftElement Element(int i)
    {
        var first = new IpAddress(IpFamily.IPv4, 0x0a000000u + ((uint)i * 16));
        return new NftElement(
            kind == NftKey.Address ? SetElement.Of(first) : SetElement.Of(new IpRange(first, new Cidr(first, 30).Last))
        );
    }

    void Report(string by, double load, double[] add, double[] remove, double read) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} {size} | {by} | {load:f1} | {Quantile(add, 0.5):f3} ({Quantile(add, 0.99):f3}) | "
                    + $"{Quantile(remove, 0.5):f3} ({Quantile(remove, 0.99):f3}) | {read:f1} | {Resident()} |"
            )
        );
}

double Time(Action action)
{
    var start = clock.GetTimestamp();
    action();
    return clock.GetElapsedTime(start).TotalMilliseconds;
}

(double[] Add, double[] Remove) Sample(Action add, Action remove)
{
    var (adds, removes) = (new double[Changes], new double[Changes]);
    for (var i = -20; i < Changes; i++)
    {
        var (a, r) = (Time(add), Time(remove));
        if (i >= 0)
        {
            (adds[i], removes[i]) = (a, r);
        }
    }

    return (adds.Order().ToArray(), removes.Order().ToArray());
}

static double Quantile(double[] sorted, double q) => sorted[(int)(q * (sorted.Length - 1))];

static long Resident()
{
    using var self = Process.GetCurrentProcess();
    return self.WorkingSet64 / (1024 * 1024);
}
