using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What a hub's market remembers.</summary>
public abstract record MarketFact : IShaped<MarketFact>
{
    private MarketFact()
    {
    }

    /// <summary>A bounty is on the market.</summary>
    public sealed record BountyOpened(Bounty Bounty, Instant At) : MarketFact;

    /// <summary>A cycle collects sealed bids on these requests.</summary>
    public sealed record CycleOpened(CycleNumber Cycle, Instant Closes,
        ImmutableArray<Request> Requests) : MarketFact;

    /// <summary>A node's sealed answers are in the batch.</summary>
    public sealed record SheetTaken(NodeId Node, BidSheet Sheet) : MarketFact;

    /// <summary>The batch was opened; its sheets are gone, and the lowest ask of each request is
    /// remembered.</summary>
    public sealed record Cleared(CycleNumber Cycle, ImmutableArray<ulong> LowestAsks) : MarketFact;

    /// <summary>A winner was given a contract.</summary>
    public sealed record Awarded(ContractId Contract, Epoch Epoch, Winner Winner, Instant AcceptBy,
        Instant Due)
        : MarketFact;

    /// <summary>The node took it.</summary>
    public sealed record Accepted(ContractId Contract) : MarketFact;

    /// <summary>Cargo was weighed for it.</summary>
    /// <param name="Contract">The contract.</param>
    /// <param name="Outcome">Settled, or delivered late.</param>
    /// <param name="Weighed">What the scale measured.</param>
    /// <param name="Counted">What counts towards the bounty.</param>
    /// <param name="Paid">What was paid for that.</param>
    public sealed record Delivered(
        ContractId Contract, ContractOutcome Outcome, Grams Weighed, Grams Counted,
            Credits Paid) : MarketFact;

    /// <summary>It ended undelivered; what it held is open again.</summary>
    public sealed record Returned(ContractId Contract, ContractOutcome Outcome) : MarketFact;

    /// <summary>The contract is too old to be recognised and is forgotten.</summary>
    public sealed record Forgotten(ContractId Contract) : MarketFact;

    /// <summary>The bounty is over; nothing of it is under contract.</summary>
    public sealed record BountyClosed(
        BountyId Bounty, BountyOutcome Outcome, Grams Total, Credits Paid, Credits LowestAsk) : MarketFact;

    /// <summary>The operator recognised cargo that the rule did not count: of what was open.</summary>
    public sealed record Recognised(ContractId Contract, Grams Counted, Credits Paid) : MarketFact;

    /// <summary>A bounty that another hub began is on the market.</summary>
    /// <param name="Bounty">The bounty.</param>
    /// <param name="Counted">What counted before.</param>
    /// <param name="Paid">What was paid for that.</param>
    /// <param name="Epoch">The epoch of its last contract.</param>
    /// <param name="NotBefore">When it is asked for again: until then nodes may come that hold some of
    /// it.</param>
    public sealed record BountyAdopted(
        Bounty Bounty, Grams Counted, Credits Paid, Epoch Epoch, Instant NotBefore) : MarketFact;

    /// <summary>Work that another hub gave holds its part of a bounty again.</summary>
    public sealed record Honoured(ContractId Contract, Epoch Epoch, Winner Winner, Instant Due) : MarketFact;

    /// <summary>Cargo that another hub weighed for work that it had given counts here, of what was
    /// open.</summary>
    public sealed record Recounted(
        ContractId Contract, Epoch Epoch, Winner Winner, Instant Due, Grams Counted, Credits Paid)
        : MarketFact;

    /// <summary>A node's sealed answers left the batch: it may not bid any more.</summary>
    public sealed record SheetWithdrawn(NodeId Node) : MarketFact;

    /// <summary>What is looked at in a live contract from now on; what was kept is no longer
    /// there.</summary>
    public sealed record Watched(ContractId Contract, ImmutableArray<Watch> Watches) : MarketFact;

    /// <summary>Its holder was silent through the windows after a promise; what it held is open
    /// again.</summary>
    /// <param name="Contract">Which; live until now.</param>
    /// <param name="Stage">The promise; zero for the answer to the award.</param>
    public sealed record Missed(ContractId Contract, ContractStage Stage) : MarketFact;

    /// <summary>The holder of a contract that was lost to silence was heard, or its lease is over.</summary>
    /// <param name="Contract">Which.</param>
    /// <param name="IsHolder">Whether it holds it again; if not, it is over.</param>
    public sealed record SilenceEnded(ContractId Contract, bool IsHolder) : MarketFact;

    /// <summary>A live contract is due later.</summary>
    public sealed record Extended(ContractId Contract, Instant Due) : MarketFact;

    /// <summary>A node's answers are ranked higher than it asked, in the batch that is opened now.</summary>
    /// <param name="Node">Whose.</param>
    /// <param name="Ratio">By this factor, above one; what it asked stays what it must be paid at
    /// least.</param>
    public sealed record Ranked(NodeId Node, PartsPerMillion Ratio) : MarketFact;

    /// <summary>Lots were called back; the next batch decides which of them nobody holds.</summary>
    public sealed record Recalled(BountyId Bounty, Epoch Epoch, int Lots) : MarketFact;

    /// <summary>Lots go back to where they came from.</summary>
    /// <param name="Bounty">Which lots are fewer now; none left, and they are off the market.</param>
    /// <param name="Quantity">By how much: whole lots that nobody holds.</param>
    /// <param name="Worth">Their worth.</param>
    /// <param name="LowestAsk">The lowest price per lot that was asked last; zero when nobody asked.</param>
    /// <param name="Reason">Why.</param>
    public sealed record LotsTaken(
        BountyId Bounty, Grams Quantity, Credits Worth, Credits LowestAsk, LotsReason Reason) : MarketFact;

    /// <summary>Less of a bounty is wanted than was posted.</summary>
    /// <param name="Bounty">Which.</param>
    /// <param name="Total">What is wanted of it; zero when it is withdrawn.</param>
    /// <param name="IsAsked">Whether the open cycle still asks for it.</param>
    public sealed record Reduced(BountyId Bounty, Grams Total, bool IsAsked) : MarketFact;

    /// <summary>The holder of a live contract is asked to stop; until it answers, or its lease is over, it
    /// holds it.</summary>
    public sealed record CancelAsked(ContractId Contract) : MarketFact;

    /// <summary>The holder stops; the contract is over.</summary>
    /// <param name="Contract">Which.</param>
    /// <param name="Paid">The compensation; at most its price.</param>
    public sealed record Cancelled(ContractId Contract, Credits Paid) : MarketFact;

    /// <summary>The holder has cargo aboard and delivers it: the contract stands.</summary>
    public sealed record CancelKept(ContractId Contract) : MarketFact;

    /// <summary>A survey is told; of what is paid for it in this step, this is held back.</summary>
    public sealed record Kept(ContractId Contract, KeptPay Pay) : MarketFact;

    /// <summary>The survey stood its time, or its node goes where nobody could pay it later: the rest is
    /// paid.</summary>
    public sealed record KeptPaid(ContractId Contract, KeptPay Pay) : MarketFact;

    /// <summary>An extraction contradicts the survey: the rest is not paid.</summary>
    /// <param name="Contract">The survey.</param>
    /// <param name="By">Who dug.</param>
    /// <param name="Dug">What it found.</param>
    public sealed record Falsified(ContractId Contract, NodeId By, Finding Dug) : MarketFact;

    /// <summary>A depot handed parts to the holder of a building contract.</summary>
    public sealed record PartsTaken(ContractId Contract, PartsOut Parts) : MarketFact;

    /// <summary>Parts came back to the depot; what is missing of them is lost.</summary>
    public sealed record PartsBack(ContractId Contract, Grams Mass) : MarketFact;

    /// <summary>A depot handed goods to the holder of a transport.</summary>
    public sealed record CustodyTaken(ContractId Contract, Custody Custody) : MarketFact;

    /// <summary>A node answers for goods no more.</summary>
    /// <param name="Contract">What they were handed out for.</param>
    /// <param name="At">The depot that has them; zero when they never came to a scale.</param>
    /// <param name="Weighed">What its scale measured of them.</param>
    /// <param name="Lost">What is missing, if that is more than two scales err by; else zero.</param>
    /// <param name="Charge">What the node is charged for that; no more than it owns.</param>
    public sealed record CustodyEnded(
        ContractId Contract, DepotId At, Grams Weighed, Grams Lost, Credits Charge) : MarketFact;

    /// <summary>A machine that broke down calls for help; its credits are set aside in this step, and its
    /// bounty opened.</summary>
    public sealed record HelpOpened(Bounty Bounty, Help Help) : MarketFact;

    /// <summary>The patient says that it was mended, or was seen to move after its repairer said so: its
    /// repairer is paid in this step, unless it came too late.</summary>
    /// <param name="Contract">The repairer's.</param>
    /// <param name="Relief">Wear that the patient may have undone.</param>
    public sealed record Mended(ContractId Contract, PartsPerMillion Relief) : MarketFact;

    /// <summary>A repairer says that it has mended a machine that says nothing of it: its pay is
    /// held.</summary>
    public sealed record RepairClaimed(ContractId Contract, RepairClaim Claim) : MarketFact;

    /// <summary>The hold is over: it was borne out and is paid, or it was not.</summary>
    public sealed record ClaimEnded(ContractId Contract, RepairClaim Claim, bool IsPaid) : MarketFact;

    /// <summary>A call for help was withdrawn, or its patient seen to move.</summary>
    public sealed record HelpChanged(BountyId Bounty, HelpState State) : MarketFact;

    /// <summary>What an hour of a node is worth, for the cycles that are opened from now on.</summary>
    public sealed record HourPosted(Credits Worth) : MarketFact;

    /// <summary>Of a joint work not all of it found somebody in this batch, so none of it was
    /// given.</summary>
    /// <param name="Joint">Which.</param>
    /// <param name="Bounty">The part that lacked the most.</param>
    /// <param name="Missing">How much that was.</param>
    public sealed record JointLeft(uint Joint, BountyId Bounty, Grams Missing) : MarketFact;

    /// <summary>A joint work will not be whole any more: what has not arrived of it is not wanted.</summary>
    public sealed record JointBroken(uint Joint) : MarketFact;

    /// <summary>A joint work is not whole, and in this batch those that it wants are given no other
    /// work.</summary>
    public sealed record JointHeld(JointHold Hold) : MarketFact;

    /// <summary>Nobody is held back for a joint work any more that has not begun.</summary>
    public sealed record JointHoldEnded(uint Joint) : MarketFact;

    /// <inheritdoc/>
    public static MarketFact Shape<TCodec>(ref TCodec codec, MarketFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("fact", Tag(value), 43);
        MarketFact fact;
        switch (tag)
        {
            case 1:
                var opened = (BountyOpened?)value;
                codec.Open("bountyOpened", 2);
                Bounty bounty = Bounty.Shape(ref codec, opened?.Bounty);
                Instant since = codec.Moment("at", opened?.At ?? default);
                fact = opened ?? new BountyOpened(bounty, since);
                break;
            case 2:
                var cycle = (CycleOpened?)value;
                codec.Open("cycleOpened", 3);
                CycleNumber number = codec.Cycle("cycle", cycle?.Cycle ?? default);
                Instant closes = codec.Moment("closes", cycle?.Closes ?? default);
                ImmutableArray<Request> requests =
                    codec.List("requests", cycle?.Requests ?? [], Auctioneer.RequestsMax);
                fact = cycle ?? new CycleOpened(number, closes, requests);
                break;
            case 3:
                var taken = (SheetTaken?)value;
                codec.Open("sheetTaken", 2);
                NodeId bidder = codec.Node("node", taken?.Node ?? default);
                BidSheet sheet = BidSheet.Shape(ref codec, taken?.Sheet);
                fact = taken ?? new SheetTaken(bidder, sheet);
                break;
            case 4:
                var cleared = (Cleared?)value;
                codec.Open("cleared", 2);
                CycleNumber done = codec.Cycle("cycle", cleared?.Cycle ?? default);
                ImmutableArray<ulong> asks =
                    codec.Numbers("lowestAsks", cleared?.LowestAsks ?? [], Auctioneer.RequestsMax);
                fact = cleared ?? new Cleared(done, asks);
                break;
            case 5:
                var awarded = (Awarded?)value;
                codec.Open("awarded", 5);
                ContractId awardedContract = codec.Contract("contract", awarded?.Contract ?? default);
                Epoch epoch = codec.Epoch("epoch", awarded?.Epoch ?? default);
                Winner winner = Winner.Shape(ref codec, awarded?.Winner);
                Instant acceptBy = codec.Moment("acceptBy", awarded?.AcceptBy ?? default);
                Instant due = codec.Moment("due", awarded?.Due ?? default);
                fact = awarded ?? new Awarded(awardedContract, epoch, winner, acceptBy, due);
                break;
            case 6:
                var accepted = (Accepted?)value;
                codec.Open("accepted", 1);
                ContractId acceptedContract = codec.Contract("contract", accepted?.Contract ?? default);
                fact = accepted ?? new Accepted(acceptedContract);
                break;
            case 7:
                var delivered = (Delivered?)value;
                codec.Open("delivered", 5);
                ContractId deliveredContract = codec.Contract("contract", delivered?.Contract ?? default);
                var outcome = (ContractOutcome)codec.Integer("outcome", (long)(delivered?.Outcome
                    ?? 0), 1, 4);
                Grams weighed = codec.Mass("weighed", delivered?.Weighed ?? default);
                Grams counted = codec.Mass("counted", delivered?.Counted ?? default);
                Credits paid = codec.Money("paid", delivered?.Paid ?? default);
                fact = delivered ?? new Delivered(deliveredContract, outcome, weighed, counted, paid);
                break;
            case 8:
                var returned = (Returned?)value;
                codec.Open("returned", 2);
                ContractId returnedContract = codec.Contract("contract", returned?.Contract ?? default);
                var how = (ContractOutcome)codec.Integer("outcome", (long)(returned?.Outcome ?? 0), 1, 4);
                fact = returned ?? new Returned(returnedContract, how);
                break;
            case 9:
                var forgotten = (Forgotten?)value;
                codec.Open("forgotten", 1);
                ContractId forgottenContract = codec.Contract("contract", forgotten?.Contract ?? default);
                fact = forgotten ?? new Forgotten(forgottenContract);
                break;
            case 11:
                var recognised = (Recognised?)value;
                codec.Open("recognised", 3);
                ContractId late = codec.Contract("contract", recognised?.Contract ?? default);
                Grams more = codec.Mass("counted", recognised?.Counted ?? default);
                Credits worth = codec.Money("paid", recognised?.Paid ?? default);
                fact = recognised ?? new Recognised(late, more, worth);
                break;
            case 12:
                var withdrawn = (SheetWithdrawn?)value;
                codec.Open("sheetWithdrawn", 1);
                NodeId doubted = codec.Node("node", withdrawn?.Node ?? default);
                fact = withdrawn ?? new SheetWithdrawn(doubted);
                break;
            case 13:
                var adopted = (BountyAdopted?)value;
                codec.Open("bountyAdopted", 5);
                Bounty begun = Bounty.Shape(ref codec, adopted?.Bounty);
                Grams before = codec.Mass("counted", adopted?.Counted ?? default);
                Credits paidBefore = codec.Money("paid", adopted?.Paid ?? default);
                Epoch last = codec.Epoch("epoch", adopted?.Epoch ?? default);
                Instant notBefore = codec.Moment("notBefore", adopted?.NotBefore ?? default);
                fact = adopted ?? new BountyAdopted(begun, before, paidBefore, last, notBefore);
                break;
            case 14:
                var honoured = (Honoured?)value;
                codec.Open("honoured", 4);
                ContractId honouredContract = codec.Contract("contract", honoured?.Contract ?? default);
                Epoch honouredEpoch = codec.Epoch("epoch", honoured?.Epoch ?? default);
                Winner holder = Winner.Shape(ref codec, honoured?.Winner);
                Instant honouredDue = codec.Moment("due", honoured?.Due ?? default);
                fact = honoured ?? new Honoured(honouredContract, honouredEpoch, holder, honouredDue);
                break;
            case 15:
                var recounted = (Recounted?)value;
                codec.Open("recounted", 6);
                ContractId told = codec.Contract("contract", recounted?.Contract ?? default);
                Epoch toldEpoch = codec.Epoch("epoch", recounted?.Epoch ?? default);
                Winner deliverer = Winner.Shape(ref codec, recounted?.Winner);
                Instant toldDue = codec.Moment("due", recounted?.Due ?? default);
                Grams counts = codec.Mass("counted", recounted?.Counted ?? default);
                Credits pays = codec.Money("paid", recounted?.Paid ?? default);
                fact = recounted ?? new Recounted(told, toldEpoch, deliverer, toldDue, counts, pays);
                break;
            case 16:
                var watched = (Watched?)value;
                codec.Open("watched", 2);
                ContractId watchedContract = codec.Contract("contract", watched?.Contract ?? default);
                ImmutableArray<Watch> watches =
                    codec.List("watches", watched?.Watches ?? [], Auctioneer.WatchesMax);
                fact = watched ?? new Watched(watchedContract, watches);
                break;
            case 17:
                var missed = (Missed?)value;
                codec.Open("missed", 2);
                ContractId missedContract = codec.Contract("contract", missed?.Contract ?? default);
                var stage = (ContractStage)codec.Integer("stage", (long)(missed?.Stage ?? 0), 0, 4);
                fact = missed ?? new Missed(missedContract, stage);
                break;
            case 18:
                var heard = (SilenceEnded?)value;
                codec.Open("silenceEnded", 2);
                ContractId heardContract = codec.Contract("contract", heard?.Contract ?? default);
                bool isHolder = codec.Flag("isHolder", heard?.IsHolder ?? default);
                fact = heard ?? new SilenceEnded(heardContract, isHolder);
                break;
            case 19:
                var extended = (Extended?)value;
                codec.Open("extended", 2);
                ContractId extendedContract = codec.Contract("contract", extended?.Contract ?? default);
                Instant later = codec.Moment("due", extended?.Due ?? default);
                fact = extended ?? new Extended(extendedContract, later);
                break;
            case 20:
                var ranked = (Ranked?)value;
                codec.Open("ranked", 2);
                NodeId claimant = codec.Node("node", ranked?.Node ?? default);
                PartsPerMillion ratio = codec.Share("ratio", ranked?.Ratio ?? default);
                fact = ranked ?? new Ranked(claimant, ratio);
                break;
            case 22:
                var recall = (Recalled?)value;
                codec.Open("recalled", 3);
                BountyId recalledOf = codec.Bounty("bounty", recall?.Bounty ?? default);
                Epoch recallEpoch = codec.Epoch("epoch", recall?.Epoch ?? default);
                int recalledLots = codec.Number("lots", recall?.Lots ?? 0);
                fact = recall ?? new Recalled(recalledOf, recallEpoch, recalledLots);
                break;
            case 23:
                var fewer = (LotsTaken?)value;
                codec.Open("lotsTaken", 5);
                BountyId fewerOf = codec.Bounty("bounty", fewer?.Bounty ?? default);
                Grams fewerQuantity = codec.Mass("quantity", fewer?.Quantity ?? default);
                Credits fewerWorth = codec.Money("worth", fewer?.Worth ?? default);
                Credits lastAsk = codec.Money("lowestAsk", fewer?.LowestAsk ?? default);
                var why = (LotsReason)codec.Integer("reason", (long)(fewer?.Reason ?? 0), 1, 4);
                fact = fewer ?? new LotsTaken(fewerOf, fewerQuantity, fewerWorth, lastAsk, why);
                break;
            case 21:
                var reduced = (Reduced?)value;
                codec.Open("reduced", 3);
                BountyId reducedOf = codec.Bounty("bounty", reduced?.Bounty ?? default);
                Grams wanted = codec.Mass("total", reduced?.Total ?? default);
                bool isAsked = codec.Flag("isAsked", reduced?.IsAsked ?? default);
                fact = reduced ?? new Reduced(reducedOf, wanted, isAsked);
                break;
            case 24:
                var asksToStop = (CancelAsked?)value;
                codec.Open("cancelAsked", 1);
                ContractId toStop = codec.Contract("contract", asksToStop?.Contract ?? default);
                fact = asksToStop ?? new CancelAsked(toStop);
                break;
            case 25:
                var cancelled = (Cancelled?)value;
                codec.Open("cancelled", 2);
                ContractId cancelledContract = codec.Contract("contract", cancelled?.Contract ?? default);
                Credits compensation = codec.Money("paid", cancelled?.Paid ?? default);
                fact = cancelled ?? new Cancelled(cancelledContract, compensation);
                break;
            case 26:
                var goesOn = (CancelKept?)value;
                codec.Open("cancelKept", 1);
                ContractId goingOn = codec.Contract("contract", goesOn?.Contract ?? default);
                fact = goesOn ?? new CancelKept(goingOn);
                break;
            case 27:
                var kept = (Kept?)value;
                codec.Open("kept", 2);
                ContractId keptOf = codec.Contract("contract", kept?.Contract ?? default);
                KeptPay pay = KeptPay.Shape(ref codec, kept?.Pay);
                fact = kept ?? new Kept(keptOf, pay);
                break;
            case 28:
                var keptPaid = (KeptPaid?)value;
                codec.Open("keptPaid", 2);
                ContractId stood = codec.Contract("contract", keptPaid?.Contract ?? default);
                KeptPay rest = KeptPay.Shape(ref codec, keptPaid?.Pay);
                fact = keptPaid ?? new KeptPaid(stood, rest);
                break;
            case 29:
                var falsified = (Falsified?)value;
                codec.Open("falsified", 3);
                ContractId falseOne = codec.Contract("contract", falsified?.Contract ?? default);
                NodeId digger = codec.Node("by", falsified?.By ?? default);
                Finding dug = Finding.Shape(ref codec, falsified?.Dug);
                fact = falsified ?? new Falsified(falseOne, digger, dug);
                break;
            case 30:
                var parts = (PartsTaken?)value;
                codec.Open("partsTaken", 2);
                ContractId partsOf = codec.Contract("contract", parts?.Contract ?? default);
                PartsOut outside = PartsOut.Shape(ref codec, parts?.Parts);
                fact = parts ?? new PartsTaken(partsOf, outside);
                break;
            case 31:
                var back = (PartsBack?)value;
                codec.Open("partsBack", 2);
                ContractId backOf = codec.Contract("contract", back?.Contract ?? default);
                Grams cameBack = codec.Mass("mass", back?.Mass ?? default);
                fact = back ?? new PartsBack(backOf, cameBack);
                break;
            case 32:
                var entrusted = (CustodyTaken?)value;
                codec.Open("custodyTaken", 2);
                ContractId entrustedFor = codec.Contract("contract", entrusted?.Contract ?? default);
                Custody custody = Custody.Shape(ref codec, entrusted?.Custody);
                fact = entrusted ?? new CustodyTaken(entrustedFor, custody);
                break;
            case 33:
                var freed = (CustodyEnded?)value;
                codec.Open("custodyEnded", 5);
                ContractId freedOf = codec.Contract("contract", freed?.Contract ?? default);
                DepotId freedAt = codec.Depot("at", freed?.At ?? default);
                Grams freedMass = codec.Mass("weighed", freed?.Weighed ?? default);
                Grams lost = codec.Mass("lost", freed?.Lost ?? default);
                Credits charge = codec.Money("charge", freed?.Charge ?? default);
                fact = freed ?? new CustodyEnded(freedOf, freedAt, freedMass, lost, charge);
                break;
            case 34:
                var helpOpened = (HelpOpened?)value;
                codec.Open("helpOpened", 2);
                Bounty call = Bounty.Shape(ref codec, helpOpened?.Bounty);
                Help help = Help.Shape(ref codec, helpOpened?.Help);
                fact = helpOpened ?? new HelpOpened(call, help);
                break;
            case 35:
                var mended = (Mended?)value;
                codec.Open("mended", 2);
                ContractId mendedBy = codec.Contract("contract", mended?.Contract ?? default);
                PartsPerMillion relief = codec.Share("relief", mended?.Relief ?? default);
                fact = mended ?? new Mended(mendedBy, relief);
                break;
            case 36:
                var claimed = (RepairClaimed?)value;
                codec.Open("repairClaimed", 2);
                ContractId claimedFor = codec.Contract("contract", claimed?.Contract ?? default);
                RepairClaim claim = RepairClaim.Shape(ref codec, claimed?.Claim);
                fact = claimed ?? new RepairClaimed(claimedFor, claim);
                break;
            case 37:
                var claimEnded = (ClaimEnded?)value;
                codec.Open("claimEnded", 3);
                ContractId borneOut = codec.Contract("contract", claimEnded?.Contract ?? default);
                RepairClaim over = RepairClaim.Shape(ref codec, claimEnded?.Claim);
                bool isPaid = codec.Flag("isPaid", claimEnded?.IsPaid ?? default);
                fact = claimEnded ?? new ClaimEnded(borneOut, over, isPaid);
                break;
            case 38:
                var changed = (HelpChanged?)value;
                codec.Open("helpChanged", 2);
                BountyId changedCall = codec.Bounty("bounty", changed?.Bounty ?? default);
                var state = (HelpState)codec.Integer("state", (long)(changed?.State ?? 0), 1, 4);
                fact = changed ?? new HelpChanged(changedCall, state);
                break;
            case 39:
                var hour = (HourPosted?)value;
                codec.Open("hourPosted", 1);
                Credits hourWorth = codec.Money("worth", hour?.Worth ?? default);
                fact = hour ?? new HourPosted(hourWorth);
                break;
            case 40:
                var left = (JointLeft?)value;
                codec.Open("jointLeft", 3);
                uint leftWork = (uint)codec.Integer("joint", left?.Joint ?? 0, 1, uint.MaxValue);
                BountyId lacking = codec.Bounty("bounty", left?.Bounty ?? default);
                Grams missing = codec.Mass("missing", left?.Missing ?? default);
                fact = left ?? new JointLeft(leftWork, lacking, missing);
                break;
            case 41:
                var broken = (JointBroken?)value;
                codec.Open("jointBroken", 1);
                uint brokenWork = (uint)codec.Integer("joint", broken?.Joint ?? 0, 1, uint.MaxValue);
                fact = broken ?? new JointBroken(brokenWork);
                break;
            case 42:
                var jointHeld = (JointHeld?)value;
                codec.Open("jointHeld", 1);
                JointHold hold = JointHold.Shape(ref codec, jointHeld?.Hold);
                fact = jointHeld ?? new JointHeld(hold);
                break;
            case 43:
                var holdEnded = (JointHoldEnded?)value;
                codec.Open("jointHoldEnded", 1);
                uint endedWork = (uint)codec.Integer("joint", holdEnded?.Joint ?? 0, 1, uint.MaxValue);
                fact = holdEnded ?? new JointHoldEnded(endedWork);
                break;
            default:
                var closed = (BountyClosed?)value;
                codec.Open("bountyClosed", 5);
                BountyId closedBounty = codec.Bounty("bounty", closed?.Bounty ?? default);
                var end = (BountyOutcome)codec.Integer("outcome", (long)(closed?.Outcome ?? 0), 1, 4);
                Grams total = codec.Mass("total", closed?.Total ?? default);
                Credits spent = codec.Money("paid", closed?.Paid ?? default);
                Credits ask = codec.Money("lowestAsk", closed?.LowestAsk ?? default);
                fact = closed ?? new BountyClosed(closedBounty, end, total, spent, ask);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(MarketFact? fact) => fact switch
    {
        null => 0,
        BountyOpened => 1,
        CycleOpened => 2,
        SheetTaken => 3,
        Cleared => 4,
        Awarded => 5,
        Accepted => 6,
        Delivered => 7,
        Returned => 8,
        Forgotten => 9,
        BountyClosed => 10,
        Recognised => 11,
        SheetWithdrawn => 12,
        BountyAdopted => 13,
        Honoured => 14,
        Recounted => 15,
        Watched => 16,
        Missed => 17,
        SilenceEnded => 18,
        Extended => 19,
        Ranked => 20,
        Reduced => 21,
        Recalled => 22,
        LotsTaken => 23,
        CancelAsked => 24,
        Cancelled => 25,
        CancelKept => 26,
        Kept => 27,
        KeptPaid => 28,
        Falsified => 29,
        PartsTaken => 30,
        PartsBack => 31,
        CustodyTaken => 32,
        CustodyEnded => 33,
        HelpOpened => 34,
        Mended => 35,
        RepairClaimed => 36,
        ClaimEnded => 37,
        HelpChanged => 38,
        HourPosted => 39,
        JointLeft => 40,
        JointBroken => 41,
        JointHeld => 42,
        JointHoldEnded => 43,
        _ => throw new UnreachableException(),
    };
}
