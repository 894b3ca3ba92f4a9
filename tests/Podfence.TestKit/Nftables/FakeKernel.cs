using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;

namespace Podfence.TestKit;

/// <summary>
/// nf_tables in memory, for Podfence's table: executes transactions whole or not at all and rejects what the
/// kernel rejects, so that a test that passes here fails on a real kernel only by encoding. Not thread-safe.
/// </summary>
public sealed class FakeKernel : INftKernel
{
    private FakeTable? _table;
    private uint _generation = 1;
    private (DataplaneException Failure, int After)? _failure;

    /// <summary>Transactions that were committed, tampering included.</summary>
    public int Transactions { get; private set; }

    /// <summary>The operations of the last transaction that was committed by <see cref="Run"/>.</summary>
    public IReadOnlyList<NftOperation> LastTransaction { get; private set; } = [];

    /// <inheritdoc/>
    public void Run(IReadOnlyList<NftOperation> operations)
    {
        var failure = _failure;
        _failure = null;
        Execute(operations, failure);
        LastTransaction = operations;
    }

    /// <summary>There are no packets.</summary>
    public void WaitForPackets() { }

    /// <inheritdoc/>
    public NftTable? Read() => _table?.Snapshot();

    /// <inheritdoc/>
    public uint Generation() => _generation;

    /// <inheritdoc/>
    public void Dispose() { }

    /// <summary>
    /// Makes the next <see cref="Run"/> fail after some of its operations, which are then taken back.
    /// </summary>
    /// <param name="failure">What it throws.</param>
    /// <param name="afterOperations">How many operations are done before; all of them if it has fewer.</param>
    public void FailNext(DataplaneException failure, int afterOperations = 0) => _failure = (failure, afterOperations);

    /// <summary>Changes Podfence's table like another program.</summary>
    /// <exception cref="DataplaneException">Like <see cref="Run"/>.</exception>
    public void Tamper(params IReadOnlyList<NftOperation> operations) => Execute(operations, null);

    /// <summary>Another program has changed a table of its own: only the generation changes.</summary>
    public void TouchForeignTable() => Commit();

    private void Execute(IReadOnlyList<NftOperation> operations, (DataplaneException Failure, int After)? failure)
    {
        var undo = new Stack<Action>();
        try
        {
            var leads = false;
            for (var i = 0; i < operations.Count; i++)
            {
                if (failure?.After == i)
                {
                    throw failure.Value.Failure;
                }

                Execute(operations[i], undo);
                leads |= operations[i] is AddRules or AddElements { Set.HasVerdicts: true };
            }

            if (failure is { } late)
            {
                throw late.Failure;
            }

            if (leads && _table is not null)
            {
                JumpDepth.Check(_table);
            }
        }
        catch
        {
            while (undo.TryPop(out var step))
            {
                step();
            }

            throw;
        }

        // The kernel counts no generation for a transaction without effect.
        if (undo.Count > 0)
        {
            Commit();
        }
    }

    private void Execute(NftOperation operation, Stack<Action> undo)
    {
        switch (operation)
        {
            case AddTable:
                if (_table is null)
                {
                    _table = new FakeTable();
                    undo.Push(() => _table = null);
                }

                break;
            case DeleteTable:
                var gone = Table;
                _table = null;
                undo.Push(() => _table = gone);
                break;
            case AddSet { Set: var set }:
                Table.AddSet(set, undo);
                break;
            case DeleteSet { Name: var name }:
                Table.DeleteSet(name, undo);
                break;
            case AddElements { Set: var set, Elements: var elements }:
                foreach (var element in elements)
                {
                    Table.AddElement(set, element, undo);
                }

                break;
            case DeleteElements { Set: var set, Elements: var elements }:
                foreach (var element in elements)
                {
                    Table.DeleteElement(set, element, undo);
                }

                break;
            case AddChain { Chain: var chain }:
                Table.AddChain(chain, undo);
                break;
            case FlushChain { Name: var name }:
                Table.FlushChain(name, undo);
                break;
            case DeleteChain { Name: var name }:
                Table.DeleteChain(name, undo);
                break;
            case AddRules { Chain: var chain, Rules: var rules }:
                foreach (var rule in rules)
                {
                    Table.AddRule(chain, rule, undo);
                }

                break;
            default:
                throw FakeFailures.Rejected($"operation {operation.GetType().Name} is unknown");
        }
    }

    private FakeTable Table => _table ?? throw FakeFailures.Conflict("the table does not exist");

    private void Commit()
    {
        Transactions++;
        _generation = NftGeneration.Next(_generation);
    }
}
