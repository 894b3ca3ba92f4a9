using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>The ruleset of examples/article.yaml on the node of its database pod.</summary>
internal static class Article
{
    public const string Ingress = "ingress/default/test-network-policy-v4";
    public const string Egress = "egress/default/test-network-policy-v4";

    public static readonly IpAddress Db = IpAddress.Parse("10.244.0.5");
    public static readonly IpAddress Web = IpAddress.Parse("10.244.0.6");
    public static readonly IpAddress Api = IpAddress.Parse("10.244.1.7");
    public static readonly IpAddress Other = IpAddress.Parse("10.244.1.8");
    public static readonly IpAddress NodeA = IpAddress.Parse("192.0.2.1");
    public static readonly IpAddress NodeB = IpAddress.Parse("192.0.2.2");
    public static readonly IpAddress External = IpAddress.Parse("172.17.0.9");
    public static readonly IpAddress Excepted = IpAddress.Parse("172.17.1.9");

    public static readonly SetId Frontends = new("pods/default/role.frontend-v4", SetKind.Addresses, IpFamily.IPv4);
    public static readonly SetId Project = new("pods/project.myproject-v4", SetKind.Addresses, IpFamily.IPv4);
    public static readonly SetId Blocks = new("ranges-v4/172.17", SetKind.Ranges, IpFamily.IPv4);
    public static readonly SetId Backends = new("ranges-v4/10.0.0", SetKind.Ranges, IpFamily.IPv4);

    private static readonly PolicyKey s_policy = new("default", "test-network-policy");
    private static readonly PortRange s_redis = new(Protocol.Tcp, 6379, 6379);

    public static Ruleset Ruleset { get; } =
        new()
        {
            Options = new RulesetOptions(),
            Sets = SetsWith(Frontends, Web),
            Fences = new[]
            {
                new Fence
                {
                    Name = Ingress,
                    Direction = Direction.Ingress,
                    Family = IpFamily.IPv4,
                    Policies = [s_policy],
                    Rules =
                    [
                        new(Blocks, s_redis, [s_policy]),
                        new(Project, s_redis, [s_policy]),
                        new(Frontends, s_redis, [s_policy]),
                    ],
                },
                new Fence
                {
                    Name = Egress,
                    Direction = Direction.Egress,
                    Family = IpFamily.IPv4,
                    Policies = [s_policy],
                    Rules = [new(Backends, new PortRange(Protocol.Tcp, 5978, 5978), [s_policy])],
                },
            }.ToDictionary(fence => fence.Name),
            Endpoints = new Dictionary<IpAddress, FencedEndpoint>
            {
                [Db] = new(new PodKey("default", "db"), Ingress, Egress),
            },
        };

    /// <summary>The article's sets, one of them with other elements.</summary>
    public static Dictionary<SetId, IEnumerable<SetElement>> SetsWith(
        SetId id,
        params IEnumerable<IpAddress> addresses
    ) =>
        new()
        {
            [Blocks] = [Range("172.17.0.0", "172.17.0.255"), Range("172.17.2.0", "172.17.255.255")],
            [Backends] = [Range("10.0.0.0", "10.0.0.255")],
            [Project] = [SetElement.Of(Api)],
            [id] = [.. addresses.Select(SetElement.Of)],
        };

    private static SetElement Range(string first, string last) =>
        SetElement.Of(new IpRange(IpAddress.Parse(first), IpAddress.Parse(last)));
}
