using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>Decides what of a hub's life goes into its attested journal.</summary>
/// <remarks>
/// The problem: a region is dark to the strategic layer for weeks, and goes on awarding, weighing, paying and
/// judging; afterwards all of it must be validated as a node's month is. The idea: the hub keeps a journal of
/// the very same kind, and every entry follows from a remembered fact, in one place (the method Hear), so
/// that nothing it answers for can be forgotten at one of many call sites.
/// <para>
/// Invariants. What moves credits or gives work is attested in the step that does it, so no signed head
/// knows of a payment and not of its contract. What a node was accepted as is attested once before each head
/// that is signed, and not at each of its returns: a return every eight hours would tell the same peaks and
/// keys a hundred times. Deliberately absent: bids, sheets and links, which are the hub's own business, and
/// anything about a node that the node attests itself.
/// </para>
/// </remarks>
public sealed class RegionScribe
{
    private readonly HubSpec _spec;
    private readonly Func<NodeId, AcceptedState> _acceptedOf;
    private readonly Func<ContractId, Contract?> _contractOf;

    // Judged since they were last vouched for.
    private readonly SortedSet<NodeId> _judged = [];

    // Blocks of each node that were vouched for last, and the own block that says so; and those before.
    private readonly SortedDictionary<NodeId, Voucher> _vouchers = [];

    internal RegionScribe(
        HubSpec spec, Func<NodeId, AcceptedState> acceptedOf, Func<ContractId, Contract?> contractOf,
        Action<HubFact> record)
    {
        _contractOf = contractOf;
        _spec = spec;
        _acceptedOf = acceptedOf;
        Log = new Logbook(Party.Of(spec.Region), spec.PublicKey, fact => record(new HubFact.Log(fact)));
    }

    /// <summary>The journal.</summary>
    public Logbook Log { get; }

    /// <summary>Attests what follows from a fact that was just applied.</summary>
    /// <param name="now">The time.</param>
    /// <param name="authority">The charter that work is given under.</param>
    /// <param name="fact">What was remembered.</param>
    internal void Hear(Instant now, Epoch authority, HubFact fact)
    {
        switch (fact)
        {
            case HubFact.CharterAsked:
                Log.Attest(now, new Entry.Booted(1, _spec.Core, []));
                break;
            case HubFact.Chartered(var charter):
                Attest(now, new RegionEntry.Chartered(charter));
                break;
            case HubFact.NodeAdopted(var assigned):
                Attest(now, new RegionEntry.Adopted(
                    assigned.Node, assigned.Epoch, assigned.Transfer, assigned.Balance));
                break;
            case HubFact.NodeReleased(var node, var balance):
                Attest(now, new RegionEntry.Left(node, balance));
                break;
            case HubFact.NodeRetired(var node, var owned):
                Attest(now, new RegionEntry.Retired(node, owned));
                break;
            case HubFact.Relieved(var charter, _):
                Attest(now, new RegionEntry.Relieved(charter));
                break;
            case HubFact.TransferReceived(var transfer, { Kind: AccountKind.Escrow } to, var amount):
                Attest(now, new RegionEntry.EscrowTaken(transfer, new BountyId(to.Number), amount));
                break;
            case HubFact.TransferReceived(_, { Kind: AccountKind.Balance }, _):
                break; // Told with its node.
            case HubFact.TransferReceived(var transfer, _, var amount):
                Attest(now, new RegionEntry.SeedTaken(transfer, amount));
                break;
            case HubFact.TransferSent(var transfer, var bounty, var amount):
                Attest(now, new RegionEntry.SentHome(bounty, transfer, amount));
                break;
            case HubFact.LotsSent(var transfer, var bounty, var quantity, var amount):
                Attest(now, new RegionEntry.LotsSent(bounty, transfer, quantity, amount));
                break;
            case HubFact.NodeEnrolled(var node, var epoch, var enrol):
                Attest(now, new RegionEntry.Joined(node, epoch, enrol));
                break;
            case HubFact.Posted(var posting):
                Hear(now, posting);
                break;
            case HubFact.Market(var market):
                Hear(now, authority, market);
                break;
            case HubFact.Reconcile(ReconcileFact.Judged(var node, _, var verdict)):
                Attest(now, new RegionEntry.Judged(node, verdict.Accepted.Head.Size, verdict.Outcome));
                break;
            default:
                break; // The hub's own business.
        }
    }

    /// <summary>Vouches for the nodes that were judged, closes the open block and asks for a signature, if
    /// there is anything new and nothing on offer.</summary>
    /// <returns>Whether there is something to sign.</returns>
    internal bool AskSignature(Instant now)
    {
        if (!Log.HasOffer && !Log.AwaitsSignature)
        {
            foreach (NodeId node in (NodeId[])[.. _judged])
            {
                Vouch(now, node);
            }
        }

        return Log.AskSignature(now);
    }

    /// <summary>Attests what is accepted of a node, if it was judged since that was done last.</summary>
    internal void Vouch(Instant now, NodeId node)
    {
        if (_judged.Contains(node))
        {
            Attest(now, new RegionEntry.Vouched(node, CborWriter.Bytes(_acceptedOf(node))));
        }
    }

    /// <summary>Blocks of a node's journal that the strategic layer knows to be accepted: whoever takes the
    /// node over begins there at least.</summary>
    internal ulong SafeOf(NodeId node) => !_vouchers.TryGetValue(node, out Voucher voucher) ? 0
        : Log.Safe > voucher.Place ? voucher.Blocks : voucher.Before;

    /// <summary>Applies one remembered fact, whoever it concerns.</summary>
    internal void Apply(HubFact fact)
    {
        switch (fact)
        {
            case HubFact.Reconcile(ReconcileFact.Judged judged):
                _ = _judged.Add(judged.Node);
                break;
            case HubFact.Log(var log):
                Log.Apply(log);
                if (log is LogFact.Attested(_, Entry.Regional(RegionEntry.Vouched vouched)))
                {
                    _ = _judged.Remove(vouched.Node);
                    ulong blocks = CborReader.TryRead(vouched.Accepted, out AcceptedState? state, out _)
                        ? state.Head.Size : 0;
                    _vouchers[vouched.Node] = new Voucher(Log.Blocks, blocks, SafeOf(vouched.Node));
                }

                break;
            case HubFact.NodeAdopted(var assigned):
                ulong from = CborReader.TryRead(assigned.Accepted, out AcceptedState? known, out _)
                    ? known.Head.Size : 0;
                _vouchers[assigned.Node] = new Voucher(0, from, from);
                break;
            case HubFact.NodeReleased(var node, _):
                _ = _judged.Remove(node);
                _ = _vouchers.Remove(node);
                break;
            case HubFact.NodeRetired(var node, _):
                _ = _judged.Remove(node);
                _ = _vouchers.Remove(node);
                break;
            default:
                break;
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("scribe", 3);
        codec.Set("judged", _judged, static (ref TCodec c, NodeId node) => c.Node("node", node));
        codec.Table(
            "vouchers",
            _vouchers,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Voucher value) => new Voucher(
                c.Count("place", value.Place), c.Count("blocks", value.Blocks),
                c.Count("before", value.Before)));
        Log.Shape(ref codec);
        codec.Close();
    }

    private void Hear(Instant now, Posting posting)
    {
        if (posting.From.Kind == AccountKind.Reserve)
        {
            Attest(now, new RegionEntry.Seeded(new NodeId((uint)posting.To.Number), posting.Amount));
        }
        else if (posting is { From.Kind: AccountKind.Bond, To.Kind: AccountKind.Burned })
        {
            // In the region's books a bond is part of its node's balance; what is forfeited leaves it.
            Winner breaker = _contractOf(new ContractId(posting.From.Number))!.Winner;
            Attest(now, new RegionEntry.Sold(breaker.Node, posting.Amount));
        }
        else if (posting.To.Kind == AccountKind.Burned)
        {
            Attest(now, new RegionEntry.Sold(new NodeId((uint)posting.From.Number), posting.Amount));
        }
    }

    private void Hear(Instant now, Epoch authority, MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.Awarded awarded:
                Winner winner = awarded.Winner;
                Attest(now, new RegionEntry.Awarded(
                    awarded.Contract, awarded.Epoch, authority, winner.Bounty, winner.Node, winner.Quantity,
                    winner.PricePerLot, awarded.Due));
                break;
            case MarketFact.Honoured(var contract, var epoch, var holder, var due):
                Attest(now, new RegionEntry.Honoured(holder.Node, new ContractTerms(
                    contract, epoch, holder.Bounty, holder.Quantity, holder.PricePerLot, due)));
                break;
            case MarketFact.Missed(var contract, _):
                Attest(now, new RegionEntry.Ended(
                    contract, ContractOutcome.Expired, default, default, default));
                break;
            case MarketFact.SilenceEnded(var contract, true):
                AttestHolder(now, contract);
                break;
            case MarketFact.Extended(var contract, _):
                AttestHolder(now, contract);
                break;
            case MarketFact.Delivered(var contract, var outcome, var weighed, var counted, var paid):
                Attest(now, new RegionEntry.Ended(contract, outcome, weighed, counted, paid));
                break;
            case MarketFact.Recognised(var contract, var counted, var paid):
                Winner late = _contractOf(contract)!.Winner;
                Attest(now, new RegionEntry.Recognised(contract, late.Bounty, late.Node, counted, paid));
                break;
            case MarketFact.Recounted(var contract, _, var deliverer, _, var counted, var paid):
                Attest(now, new RegionEntry.Recognised(
                    contract, deliverer.Bounty, deliverer.Node, counted, paid));
                break;
            case MarketFact.Reduced(var bounty, var total, _):
                Attest(now, new RegionEntry.Reduced(bounty, total));
                break;
            case MarketFact.Cancelled(var contract, var paid):
                Attest(now, new RegionEntry.Ended(
                    contract, ContractOutcome.Cancelled, default, default, paid));
                break;
            case MarketFact.PartsTaken(var contract, var parts):
                Attest(now, new RegionEntry.PartsTaken(contract, parts.Mass));
                break;
            case MarketFact.CustodyTaken(var contract, var custody):
                Attest(now, new RegionEntry.PartsTaken(contract, custody.Mass));
                break;
            case MarketFact.CustodyEnded(var contract, var depot, var weighed, var lost, var charge):
                Attest(now, new RegionEntry.CustodyEnded(contract, depot, weighed, lost, charge));
                break;
            case MarketFact.PartsBack(var contract, var mass):
                Attest(now, new RegionEntry.PartsBack(contract, mass));
                break;
            case MarketFact.Kept(var contract, var kept):
                Attest(now, new RegionEntry.Kept(contract, kept.Kept));
                break;
            case MarketFact.KeptPaid(var contract, var pay):
                Attest(now, new RegionEntry.KeptEnded(contract, pay.Kept));
                break;
            case MarketFact.Falsified(var contract, _, _):
                Attest(now, new RegionEntry.KeptEnded(contract, default));
                break;
            case MarketFact.HelpOpened(var call, _):
                Attest(now, new RegionEntry.HelpOpened(call));
                break;
            case MarketFact.BountyClosed { Bounty.IsHelp: true } call:
                Attest(now, new RegionEntry.HelpClosed(call.Bounty));
                break;
            case MarketFact.Mended(var contract, var relief):
                Attest(now, new RegionEntry.Mended(contract, relief));
                break;
            case MarketFact.RepairClaimed(var contract, _):
                Attest(now, new RegionEntry.Ended(
                    contract, ContractOutcome.Released, default, default, default));
                break;
            case MarketFact.ClaimEnded(var contract, var claim, true):
                Attest(now, new RegionEntry.RepairPaid(contract, claim.Pay));
                break;
            case MarketFact.Returned(var contract, var outcome):
                Attest(now, new RegionEntry.Ended(contract, outcome, default, default, default));
                break;
            default:
                break; // The market's own business.
        }
    }

    // Held again, or until later: the terms as they are now.
    private void AttestHolder(Instant now, ContractId id)
    {
        Contract contract = _contractOf(id)!;
        Winner holder = contract.Winner;
        Attest(now, new RegionEntry.Honoured(holder.Node, new ContractTerms(
            id, contract.Epoch, holder.Bounty, holder.Quantity, holder.PricePerLot, contract.Due)));
    }

    private void Attest(Instant now, RegionEntry entry) => Log.Attest(now, new Entry.Regional(entry));

    // The block of the hub's own journal that vouches, the blocks of the node's that it vouches for, and
    // those that were safe before.
    private readonly record struct Voucher(ulong Place, ulong Blocks, ulong Before);
}
