using Podfence.Bench;
using Podfence.Lab;

if (args is [MemoryChild.Verb, var pods])
{
    Console.WriteLine(MemoryChild.Run(int.Parse(pods)));
    return 0;
}

if (args is [MatrixTown.Verb, var grouping])
{
    Console.WriteLine(MatrixTown.Measure(grouping));
    return 0;
}

if (args is [ServerChild.Verb, var nodes, var all])
{
    await ServerChild.RunAsync(new AgentCluster(int.Parse(nodes), int.Parse(all)));
    return 0;
}

try
{
    using var cancel = new CancellationTokenSource();
    Console.CancelKeyPress += (_, press) =>
    {
        press.Cancel = true;
        cancel.Cancel();
    };
    var options = BenchOptions.Parse(args);
    if (options.From is { } from)
    {
        var again = MarkdownReport.Write(JsonReport.Read(from));
        Console.Write(again);
        if (options.Markdown is { } file)
        {
            File.WriteAllText(file, again);
        }

        return 0;
    }

    var machine = Machine.Describe();
    var sections = new List<Section>();
    foreach (
        var (id, run) in new (string, Func<Task<Section>>)[]
        {
            (ConnectionSection.Id, () => ConnectionSection.RunAsync(options, cancel.Token)),
            (RulesSection.Id, () => RulesSection.RunAsync(options, cancel.Token)),
            (BulkSection.Id, () => BulkSection.RunAsync(options, cancel.Token)),
            (DataplanesSection.Id, () => DataplanesSection.RunAsync(options, cancel.Token)),
            (ChangeSection.Id, () => Task.FromResult(ChangeSection.Run(options))),
            (NetlinkSection.Id, () =>
                Task.FromResult(
                    NetlinkSection.Read(
                        options.Netlink ?? throw new BenchException("the netlink section is measured by bench/run.sh")
                    )
                )
            ),
            (MemorySection.Id, () => Task.FromResult(MemorySection.Run(options))),
            (MatrixSection.Id, () => Task.FromResult(MatrixSection.Run(options))),
            (AgentScaleSection.Id, () => AgentScaleSection.RunAsync(options, cancel.Token)),
            (AgentBurstSection.Id, () => AgentBurstSection.RunAsync(options, cancel.Token)),
            (AgentLiveSection.Id, () => AgentLiveSection.RunAsync(options, cancel.Token)),
        }
    )
    {
        if (options.Runs(id) && (id != NetlinkSection.Id || options.Netlink is not null || options.Only.Count > 0))
        {
            var began = TimeProvider.System.GetTimestamp();
            Console.Error.Write($"{id} ... ");
            sections.Add(await run());
            Console.Error.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s");
        }
    }

    var report = new Report(options.Quick, machine, sections);
    var page = MarkdownReport.Write(report);
    Console.Write(page);
    if (options.Markdown is { } markdown)
    {
        File.WriteAllText(markdown, page);
    }

    var images = options.Images
        ?? (options.Markdown is { } beside ? Path.Combine(Path.GetDirectoryName(beside)!, "..", "images") : null);
    if (images is not null)
    {
        Directory.CreateDirectory(images);
        foreach (var picture in sections.SelectMany(static section => section.Pictures))
        {
            File.WriteAllText(Path.Combine(images, picture.Name), picture.Svg);
        }
    }

    if (options.Json is { } json)
    {
        File.WriteAllBytes(json, JsonReport.Write(report));
    }

    return 0;
}
catch (Exception fault) when (fault is BenchException or LabException or OperationCanceledException)
{
    Console.Error.WriteLine($"bench: {fault.Message}");
    return 1;
}
