using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>How far a call for help has come. The numbers are in snapshots.</summary>
public enum HelpState
{
    /// <summary>It stands: the machine lets itself be mended, and does nothing else.</summary>
    Open = 1,

    /// <summary>It is withdrawn: nobody else is sent, and whoever is under way may still mend it.</summary>
    Withdrawn = 2,

    /// <summary>The machine was seen to move: it is not broken any more.</summary>
    Moved = 3,

    /// <summary>It says that it was mended.</summary>
    Mended = 4,
}

/// <summary>A machine's call for help; its terms are in the bounty of its name.</summary>
/// <param name="Bounty">Names the machine and its call.</param>
/// <param name="Fault">What is broken.</param>
/// <param name="Wear">Its wear, as it says.</param>
/// <param name="State">How far it has come.</param>
public sealed record Help(BountyId Bounty, FaultClass Fault, PartsPerMillion Wear, HelpState State)
    : IShaped<Help>
{
    /// <inheritdoc/>
    public static Help Shape<TCodec>(ref TCodec codec, Help? value)
        where TCodec : struct, ICodec
    {
        codec.Open("help", 4);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        var fault = (FaultClass)codec.Integer("fault", (long)(value?.Fault ?? 0), 1, 4);
        PartsPerMillion wear = codec.Share("wear", value?.Wear ?? default);
        var state = (HelpState)codec.Integer("state", (long)(value?.State ?? 0), 1, 4);
        codec.Close();
        return value ?? new Help(bounty, fault, wear, state);
    }
}

/// <summary>A repairer's word that it has mended a machine which says nothing of it: what it would be paid is
/// held in the escrow.</summary>
/// <param name="Bounty">The call for help.</param>
/// <param name="Node">Who says so.</param>
/// <param name="Epoch">Of its contract.</param>
/// <param name="Quantity">What would count.</param>
/// <param name="Pay">What would be paid.</param>
/// <param name="Until">Until when the machine may still bear it out.</param>
public sealed record RepairClaim(
    BountyId Bounty, NodeId Node, Epoch Epoch, Grams Quantity, Credits Pay, Instant Until)
    : IShaped<RepairClaim>
{
    /// <inheritdoc/>
    public static RepairClaim Shape<TCodec>(ref TCodec codec, RepairClaim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("repairClaim", 6);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits pay = codec.Money("pay", value?.Pay ?? default);
        Instant until = codec.Moment("until", value?.Until ?? default);
        codec.Close();
        return value ?? new RepairClaim(bounty, node, epoch, quantity, pay, until);
    }
}
