using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>One thing that a hub answers for.</summary>
/// <remarks>
/// Out of these the strategic layer folds the region's books again: what came in, what is promised to whom,
/// what was weighed and paid, what went home. Nothing is told twice: what follows from earlier entries, such
/// as what is open of a bounty, is in none. Cases keep their numbers and bytes for ever, as those of
/// <see cref="Entry"/> do.
/// </remarks>
public abstract record RegionEntry : IShaped<RegionEntry>
{
    /// <summary>Most bytes of an accepted state.</summary>
    public const int AcceptedBytesMax = NodeAssigned.AcceptedBytesMax;

    private const int CasesMax = 28;

    private RegionEntry()
    {
    }

    /// <summary>The hub has authority over its region.</summary>
    public sealed record Chartered(Epoch Charter) : RegionEntry;

    /// <summary>Credits for new nodes are in the hub's books.</summary>
    public sealed record SeedTaken(TransferId Transfer, Credits Amount) : RegionEntry;

    /// <summary>A bounty's worth is in the hub's books.</summary>
    public sealed record EscrowTaken(TransferId Transfer, BountyId Bounty, Credits Amount) : RegionEntry;

    /// <summary>Work was given to a node.</summary>
    /// <param name="Contract">Names it within the region.</param>
    /// <param name="Epoch">Fences off earlier holders of the same work.</param>
    /// <param name="Charter">The authority it was given under.</param>
    /// <param name="Bounty">What it is a part of.</param>
    /// <param name="Node">Who does it.</param>
    /// <param name="Quantity">How much of it; positive.</param>
    /// <param name="PricePerLot">At which price.</param>
    /// <param name="Due">By when.</param>
    public sealed record Awarded(
        ContractId Contract, Epoch Epoch, Epoch Charter, BountyId Bounty, NodeId Node, Grams Quantity,
        Credits PricePerLot, Instant Due) : RegionEntry;

    /// <summary>A contract ended, or was delivered after its end.</summary>
    /// <param name="Contract">Which.</param>
    /// <param name="Outcome">How.</param>
    /// <param name="Weighed">What the scale said.</param>
    /// <param name="Counted">What of that counts towards the bounty.</param>
    /// <param name="Paid">What was paid for that, or for stopping.</param>
    public sealed record Ended(
        ContractId Contract, ContractOutcome Outcome, Grams Weighed, Grams Counted, Credits Paid)
        : RegionEntry;

    /// <summary>A bounty is over; what is left of its escrow is on its way to the strategic layer.</summary>
    public sealed record SentHome(BountyId Bounty, TransferId Transfer, Credits Amount) : RegionEntry;

    /// <summary>A node belongs to the region.</summary>
    public sealed record Joined(NodeId Node, Epoch Epoch, Enrol Enrol) : RegionEntry;

    /// <summary>A new node got its working capital.</summary>
    public sealed record Seeded(NodeId Node, Credits Amount) : RegionEntry;

    /// <summary>A node bought propellant or spares, paid demurrage or forfeited a bond; the credits are
    /// burned.</summary>
    public sealed record Sold(NodeId Node, Credits Amount) : RegionEntry;

    /// <summary>A node's return was judged.</summary>
    /// <param name="Node">Whose.</param>
    /// <param name="Blocks">Blocks of its journal that are accepted now.</param>
    /// <param name="Outcome">The verdict.</param>
    public sealed record Judged(NodeId Node, ulong Blocks, ReturnOutcome Outcome) : RegionEntry;

    /// <summary>What is accepted of a node: whoever judges it next begins there. Attested before a head is
    /// signed, of the nodes that were judged since the last one.</summary>
    /// <param name="Node">Whose.</param>
    /// <param name="Accepted">Canonical bytes of the accepted state.</param>
    public sealed record Vouched(NodeId Node, byte[] Accepted) : RegionEntry;

    /// <summary>The hub heard that its authority is over: it gives out no more work.</summary>
    public sealed record Relieved(Epoch Charter) : RegionEntry;

    /// <summary>More of a delivery counts than the rule said: by an operator's word, or since another hub had
    /// weighed it.</summary>
    /// <param name="Contract">Whose delivery.</param>
    /// <param name="Bounty">What it counts towards.</param>
    /// <param name="Node">Who is paid.</param>
    /// <param name="Counted">How much more counts.</param>
    /// <param name="Paid">What was paid for that.</param>
    public sealed record Recognised(
        ContractId Contract, BountyId Bounty, NodeId Node, Grams Counted, Credits Paid) : RegionEntry;

    /// <summary>A node came from another region, with its credits.</summary>
    public sealed record Adopted(NodeId Node, Epoch Epoch, TransferId Transfer, Credits Amount) : RegionEntry;

    /// <summary>Work holds its part of a bounty: what another hub gave, what this one had taken back and its
    /// holder was heard again, or what is due later than before.</summary>
    public sealed record Honoured(NodeId Node, ContractTerms Terms) : RegionEntry;

    /// <summary>A node was let go to another region, and its credits with it. It holds no work, and what is
    /// accepted of it was vouched for.</summary>
    public sealed record Left(NodeId Node, Credits Amount) : RegionEntry;

    /// <summary>Less of a bounty is wanted, by the strategic layer's word; contracts of it may be cancelled
    /// for a compensation.</summary>
    /// <param name="Bounty">Which.</param>
    /// <param name="Total">What is wanted of it; zero when it is withdrawn.</param>
    public sealed record Reduced(BountyId Bounty, Grams Total) : RegionEntry;

    /// <summary>Lots that nobody held went back to the strategic layer, with their worth.</summary>
    /// <param name="Bounty">Which lots are fewer now.</param>
    /// <param name="Transfer">By the hub's count.</param>
    /// <param name="Quantity">By how much; whole lots.</param>
    /// <param name="Amount">Their worth.</param>
    public sealed record LotsSent(BountyId Bounty, TransferId Transfer, Grams Quantity, Credits Amount)
        : RegionEntry;

    /// <summary>Of the pay for a survey, of which the next entry tells, so much is held back in the bounty's
    /// escrow.</summary>
    public sealed record Kept(ContractId Contract, Credits Amount) : RegionEntry;

    /// <summary>What was held back is paid, or stays in the escrow, since the survey was false.</summary>
    /// <param name="Contract">The survey.</param>
    /// <param name="Paid">All that was held back, or nothing.</param>
    public sealed record KeptEnded(ContractId Contract, Credits Paid) : RegionEntry;

    /// <summary>A depot handed parts, or goods, to the holder of a contract that takes of its
    /// store.</summary>
    /// <param name="Contract">Which.</param>
    /// <param name="Mass">How much, by the depot's scale.</param>
    public sealed record PartsTaken(ContractId Contract, Grams Mass) : RegionEntry;

    /// <summary>Parts came back to their depot; what is missing of them is lost.</summary>
    public sealed record PartsBack(ContractId Contract, Grams Mass) : RegionEntry;

    /// <summary>A node answers for goods no more.</summary>
    /// <param name="Contract">What they were handed out for.</param>
    /// <param name="At">The depot that has them; zero for none.</param>
    /// <param name="Weighed">What its scale measured of them.</param>
    /// <param name="Lost">What is missing beyond what scales err by.</param>
    /// <param name="Charge">What the node was charged for that; told as sold to it as well.</param>
    public sealed record CustodyEnded(
        ContractId Contract, DepotId At, Grams Weighed, Grams Lost, Credits Charge) : RegionEntry;

    /// <summary>A machine that broke down calls for help, and sets aside what it pays for it. Its name is in
    /// that of the bounty. What is set aside stays part of its balance here, as a bond does.</summary>
    public sealed record HelpOpened(Bounty Bounty) : RegionEntry;

    /// <summary>A call for help is over; what is left of what was set aside is the machine's own
    /// again.</summary>
    public sealed record HelpClosed(BountyId Bounty) : RegionEntry;

    /// <summary>A machine was mended under this contract: its wear may be less by so much.</summary>
    /// <param name="Contract">The repairer's.</param>
    /// <param name="Relief">In parts per million of a life.</param>
    public sealed record Mended(ContractId Contract, PartsPerMillion Relief) : RegionEntry;

    /// <summary>A repairer whose word was held, and borne out, is paid.</summary>
    /// <param name="Contract">Its contract, which had ended unpaid.</param>
    /// <param name="Paid">What it is paid.</param>
    public sealed record RepairPaid(ContractId Contract, Credits Paid) : RegionEntry;

    /// <summary>A node's service is over, by an operator's word: what it owned is in the reserve
    /// again.</summary>
    public sealed record Retired(NodeId Node, Credits Amount) : RegionEntry;

    /// <inheritdoc/>
    public static RegionEntry Shape<TCodec>(ref TCodec codec, RegionEntry? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("region", Tag(value), CasesMax);
        RegionEntry entry;
        switch (tag)
        {
            case 1:
                var chartered = (Chartered?)value;
                codec.Open("chartered", 1);
                Epoch charter = codec.Epoch("charter", chartered?.Charter ?? default);
                entry = chartered ?? new Chartered(charter);
                break;
            case 2:
                var seed = (SeedTaken?)value;
                codec.Open("seedTaken", 2);
                TransferId seedBy = codec.Transfer("transfer", seed?.Transfer ?? default);
                Credits seedAmount = codec.Money("amount", seed?.Amount ?? default);
                entry = seed ?? new SeedTaken(seedBy, seedAmount);
                break;
            case 3:
                var escrow = (EscrowTaken?)value;
                codec.Open("escrowTaken", 3);
                TransferId escrowBy = codec.Transfer("transfer", escrow?.Transfer ?? default);
                BountyId escrowOf = codec.Bounty("bounty", escrow?.Bounty ?? default);
                Credits escrowAmount = codec.Money("amount", escrow?.Amount ?? default);
                entry = escrow ?? new EscrowTaken(escrowBy, escrowOf, escrowAmount);
                break;
            case 4:
                entry = ShapeAwarded(ref codec, (Awarded?)value);
                break;
            case 5:
                var ended = (Ended?)value;
                codec.Open("ended", 5);
                ContractId over = codec.Contract("contract", ended?.Contract ?? default);
                var outcome = (ContractOutcome)codec.Integer("outcome", (long)(ended?.Outcome ?? 0), 1, 5);
                Grams weighed = codec.Mass("weighed", ended?.Weighed ?? default);
                Grams counted = codec.Mass("counted", ended?.Counted ?? default);
                Credits paid = codec.Money("paid", ended?.Paid ?? default);
                entry = ended ?? new Ended(over, outcome, weighed, counted, paid);
                break;
            case 6:
                var home = (SentHome?)value;
                codec.Open("sentHome", 3);
                BountyId homeOf = codec.Bounty("bounty", home?.Bounty ?? default);
                TransferId homeBy = codec.Transfer("transfer", home?.Transfer ?? default);
                Credits homeAmount = codec.Money("amount", home?.Amount ?? default);
                entry = home ?? new SentHome(homeOf, homeBy, homeAmount);
                break;
            case 7:
                var joined = (Joined?)value;
                codec.Open("joined", 3);
                NodeId joiner = codec.Node("node", joined?.Node ?? default);
                Epoch epoch = codec.Epoch("epoch", joined?.Epoch ?? default);
                Enrol enrol = Enrol.Shape(ref codec, joined?.Enrol);
                entry = joined ?? new Joined(joiner, epoch, enrol);
                break;
            case 8:
                var seeded = (Seeded?)value;
                codec.Open("seeded", 2);
                NodeId young = codec.Node("node", seeded?.Node ?? default);
                Credits capital = codec.Money("amount", seeded?.Amount ?? default);
                entry = seeded ?? new Seeded(young, capital);
                break;
            case 9:
                var sold = (Sold?)value;
                codec.Open("sold", 2);
                NodeId buyer = codec.Node("node", sold?.Node ?? default);
                Credits price = codec.Money("amount", sold?.Amount ?? default);
                entry = sold ?? new Sold(buyer, price);
                break;
            case 10:
                var judged = (Judged?)value;
                codec.Open("judged", 3);
                NodeId returner = codec.Node("node", judged?.Node ?? default);
                ulong blocks = codec.Count("blocks", judged?.Blocks ?? 0);
                var verdict = (ReturnOutcome)codec.Integer("outcome", (long)(judged?.Outcome ?? 0), 1, 3);
                entry = judged ?? new Judged(returner, blocks, verdict);
                break;
            case 12:
                var relieved = (Relieved?)value;
                codec.Open("relieved", 1);
                Epoch until = codec.Epoch("charter", relieved?.Charter ?? default);
                entry = relieved ?? new Relieved(until);
                break;
            case 13:
                var recognised = (Recognised?)value;
                codec.Open("recognised", 5);
                ContractId late = codec.Contract("contract", recognised?.Contract ?? default);
                BountyId lateOf = codec.Bounty("bounty", recognised?.Bounty ?? default);
                NodeId lateBy = codec.Node("node", recognised?.Node ?? default);
                Grams more = codec.Mass("counted", recognised?.Counted ?? default);
                Credits worth = codec.Money("paid", recognised?.Paid ?? default);
                entry = recognised ?? new Recognised(late, lateOf, lateBy, more, worth);
                break;
            case 14:
                var adopted = (Adopted?)value;
                codec.Open("adopted", 4);
                NodeId newcomer = codec.Node("node", adopted?.Node ?? default);
                Epoch newEpoch = codec.Epoch("epoch", adopted?.Epoch ?? default);
                TransferId bringer = codec.Transfer("transfer", adopted?.Transfer ?? default);
                Credits brought = codec.Money("amount", adopted?.Amount ?? default);
                entry = adopted ?? new Adopted(newcomer, newEpoch, bringer, brought);
                break;
            case 15:
                var honoured = (Honoured?)value;
                codec.Open("honoured", 2);
                NodeId holder = codec.Node("node", honoured?.Node ?? default);
                ContractTerms terms = ContractTerms.Shape(ref codec, honoured?.Terms);
                entry = honoured ?? new Honoured(holder, terms);
                break;
            case 16:
                var left = (Left?)value;
                codec.Open("left", 2);
                NodeId leaver = codec.Node("node", left?.Node ?? default);
                Credits along = codec.Money("amount", left?.Amount ?? default);
                entry = left ?? new Left(leaver, along);
                break;
            case 20:
                var lots = (LotsSent?)value;
                codec.Open("lotsSent", 4);
                BountyId lotsOf = codec.Bounty("bounty", lots?.Bounty ?? default);
                TransferId lotsBy = codec.Transfer("transfer", lots?.Transfer ?? default);
                Grams fewer = codec.Mass("quantity", lots?.Quantity ?? default);
                Credits lotsWorth = codec.Money("amount", lots?.Amount ?? default);
                entry = lots ?? new LotsSent(lotsOf, lotsBy, fewer, lotsWorth);
                break;
            case 17:
                var reduced = (Reduced?)value;
                codec.Open("reduced", 2);
                BountyId reducedOf = codec.Bounty("bounty", reduced?.Bounty ?? default);
                Grams wanted = codec.Mass("total", reduced?.Total ?? default);
                entry = reduced ?? new Reduced(reducedOf, wanted);
                break;
            case 18:
                var kept = (Kept?)value;
                codec.Open("kept", 2);
                ContractId keptOf = codec.Contract("contract", kept?.Contract ?? default);
                Credits keptBack = codec.Money("amount", kept?.Amount ?? default);
                entry = kept ?? new Kept(keptOf, keptBack);
                break;
            case 19:
                var keptEnded = (KeptEnded?)value;
                codec.Open("keptEnded", 2);
                ContractId stood = codec.Contract("contract", keptEnded?.Contract ?? default);
                Credits rest = codec.Money("paid", keptEnded?.Paid ?? default);
                entry = keptEnded ?? new KeptEnded(stood, rest);
                break;
            case 21:
                var parts = (PartsTaken?)value;
                codec.Open("partsTaken", 2);
                ContractId partsOf = codec.Contract("contract", parts?.Contract ?? default);
                Grams handed = codec.Mass("mass", parts?.Mass ?? default);
                entry = parts ?? new PartsTaken(partsOf, handed);
                break;
            case 22:
                var back = (PartsBack?)value;
                codec.Open("partsBack", 2);
                ContractId backOf = codec.Contract("contract", back?.Contract ?? default);
                Grams cameBack = codec.Mass("mass", back?.Mass ?? default);
                entry = back ?? new PartsBack(backOf, cameBack);
                break;
            case 23:
                var freed = (CustodyEnded?)value;
                codec.Open("custodyEnded", 5);
                ContractId freedOf = codec.Contract("contract", freed?.Contract ?? default);
                DepotId freedAt = codec.Depot("at", freed?.At ?? default);
                Grams freedMass = codec.Mass("weighed", freed?.Weighed ?? default);
                Grams lost = codec.Mass("lost", freed?.Lost ?? default);
                Credits charge = codec.Money("charge", freed?.Charge ?? default);
                entry = freed ?? new CustodyEnded(freedOf, freedAt, freedMass, lost, charge);
                break;
            case 24:
                var helpOpened = (HelpOpened?)value;
                codec.Open("helpOpened", 1);
                Bounty call = Bounty.Shape(ref codec, helpOpened?.Bounty);
                entry = helpOpened ?? new HelpOpened(call);
                break;
            case 25:
                var helpClosed = (HelpClosed?)value;
                codec.Open("helpClosed", 1);
                BountyId closedCall = codec.Bounty("bounty", helpClosed?.Bounty ?? default);
                entry = helpClosed ?? new HelpClosed(closedCall);
                break;
            case 26:
                var mended = (Mended?)value;
                codec.Open("mended", 2);
                ContractId mendedBy = codec.Contract("contract", mended?.Contract ?? default);
                PartsPerMillion relief = codec.Share("relief", mended?.Relief ?? default);
                entry = mended ?? new Mended(mendedBy, relief);
                break;
            case 27:
                var repairPaid = (RepairPaid?)value;
                codec.Open("repairPaid", 2);
                ContractId repairOf = codec.Contract("contract", repairPaid?.Contract ?? default);
                Credits repairPay = codec.Money("paid", repairPaid?.Paid ?? default);
                entry = repairPaid ?? new RepairPaid(repairOf, repairPay);
                break;
            case 28:
                var retired = (Retired?)value;
                codec.Open("retired", 2);
                NodeId old = codec.Node("node", retired?.Node ?? default);
                Credits owned = codec.Money("amount", retired?.Amount ?? default);
                entry = retired ?? new Retired(old, owned);
                break;
            default:
                var vouched = (Vouched?)value;
                codec.Open("vouched", 2);
                NodeId of = codec.Node("node", vouched?.Node ?? default);
                byte[] accepted = codec.Bytes("accepted", vouched?.Accepted ?? [], AcceptedBytesMax);
                entry = vouched ?? new Vouched(of, accepted);
                break;
        }

        codec.Close();
        return entry;
    }

    private static Awarded ShapeAwarded<TCodec>(ref TCodec codec, Awarded? value)
        where TCodec : struct, ICodec
    {
        codec.Open("awarded", 8);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Epoch charter = codec.Epoch("charter", value?.Charter ?? default);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits price = codec.Money("pricePerLot", value?.PricePerLot ?? default);
        Instant due = Block.Moment(ref codec, "due", value?.Due ?? default);
        return value ?? new Awarded(contract, epoch, charter, bounty, node, quantity, price, due);
    }

    private static long Tag(RegionEntry? entry) => entry switch
    {
        null => 0,
        Chartered => 1,
        SeedTaken => 2,
        EscrowTaken => 3,
        Awarded => 4,
        Ended => 5,
        SentHome => 6,
        Joined => 7,
        Seeded => 8,
        Sold => 9,
        Judged => 10,
        Vouched => 11,
        Relieved => 12,
        Recognised => 13,
        Adopted => 14,
        Honoured => 15,
        Left => 16,
        Reduced => 17,
        LotsSent => 20,
        Kept => 18,
        KeptEnded => 19,
        PartsTaken => 21,
        PartsBack => 22,
        CustodyEnded => 23,
        HelpOpened => 24,
        HelpClosed => 25,
        Mended => 26,
        RepairPaid => 27,
        Retired => 28,
        _ => throw new UnreachableException(),
    };
}
