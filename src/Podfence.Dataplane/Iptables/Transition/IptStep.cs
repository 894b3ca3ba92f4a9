using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// One run of a program. Steps are run in order; each plan explains why its order lets no denied packet pass.
/// </summary>
public abstract record IptStep;

/// <summary>A run of <c>ipset restore</c>.</summary>
public sealed record SetStep(IpsetScript Script) : IptStep;

/// <summary>A run of <c>iptables-restore</c> or <c>ip6tables-restore</c>: one transaction.</summary>
public sealed record TableStep(IpFamily Family, TableScript Script) : IptStep;

/// <summary>Collects steps, omitting those without effect and joining consecutive runs of ipset.</summary>
internal sealed class IptPlan
{
    private readonly List<IptStep> _steps = [];

    public IReadOnlyList<IptStep> Steps => _steps;

    public void Add(IpsetScript script)
    {
        if (_steps is [.., SetStep last])
        {
            last.Script.Append(script);
        }
        else if (script.Lines.Count > 0)
        {
            _steps.Add(new SetStep(script));
        }
    }

    public void Add(Func<IpFamily, TableScript> script)
    {
        foreach (var family in IpFamilies.All)
        {
            var table = script(family);
            if (!table.IsEmpty)
            {
                _steps.Add(new TableStep(family, table));
            }
        }
    }
}
