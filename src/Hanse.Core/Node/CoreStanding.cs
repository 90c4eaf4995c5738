using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>What a machine makes of its memory, as cores of different builds can compare it.</summary>
/// <param name="Node">Who.</param>
/// <param name="Region">Whose it is.</param>
/// <param name="Epoch">Under which authority.</param>
/// <param name="Earned">What it was paid.</param>
/// <param name="Contract">What it works at; zero for nothing.</param>
/// <param name="Lease">The epoch of that contract.</param>
/// <param name="Due">When it is due.</param>
/// <param name="LastOrder">The number of the last order to its machine.</param>
/// <param name="LastDocking">The number of its last docking.</param>
/// <param name="IsOrdered">Whether that order is not done.</param>
/// <param name="At">The depot it was at last.</param>
/// <param name="Log">Blocks that it has attested, that its hub has received, and that are safe; segments of
/// raw log.</param>
/// <param name="LastSequence">Messages that it has ever queued to its hub.</param>
/// <param name="Waiting">Of these, not acknowledged.</param>
/// <param name="LastHeard">When it heard its hub last.</param>
internal sealed record CoreStanding(
    NodeId Node, RegionId Region, Epoch Epoch, Credits Earned, ContractId Contract, Epoch Lease, Instant Due,
    uint LastOrder, uint LastDocking, bool IsOrdered, DepotId At, ImmutableArray<ulong> Log,
    ulong LastSequence, int Waiting, Instant LastHeard) : IShaped<CoreStanding>
{
    private const int Format = 1;

    public static CoreStanding Shape<TCodec>(ref TCodec codec, CoreStanding? value)
        where TCodec : struct, ICodec
    {
        codec.Open("coreStanding", 16);
        _ = codec.Integer("format", Format, Format, Format);
        NodeId node = codec.Node("node", value?.Node ?? default);
        RegionId region = codec.Region("region", value?.Region ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Credits earned = codec.Money("earned", value?.Earned ?? default);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch lease = codec.Epoch("lease", value?.Lease ?? default);
        Instant due = codec.Moment("due", value?.Due ?? default);
        uint order = (uint)codec.Integer("lastOrder", value?.LastOrder ?? 0, 0, uint.MaxValue);
        uint docking = (uint)codec.Integer("lastDocking", value?.LastDocking ?? 0, 0, uint.MaxValue);
        bool isOrdered = codec.Flag("isOrdered", value?.IsOrdered ?? false);
        DepotId at = codec.Depot("at", value?.At ?? default);
        ImmutableArray<ulong> log = codec.Numbers("log", value?.Log ?? [], 4);
        ulong sequence = codec.Count("lastSequence", value?.LastSequence ?? 0);
        int waiting = codec.Number("waiting", value?.Waiting ?? 0);
        Instant heard = codec.Moment("lastHeard", value?.LastHeard ?? default);
        codec.Close();
        return value ?? new CoreStanding(
            node, region, epoch, earned, contract, lease, due, order, docking, isOrdered, at, log, sequence,
            waiting, heard);
    }
}
