using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>One region's return as far as the strategic layer has got with it, what was accepted of the
/// region before, and what its own ledger says of it.</summary>
/// <remarks>
/// The bytes of a return go through the validation as they come and are not kept; a window may close at any
/// of them, for weeks, and there is no deadline. Parts that overtook others wait for them
/// (<see cref="AheadMax"/>). Memory is bounded by <see cref="RegionBooks"/>. What the
/// validation asks for is in <see cref="Asked"/> after a fact was applied; while facts are replayed nobody
/// looks, and what was asked and not answered is asked again after a restart.
/// </remarks>
public sealed class RegionReception
{
    /// <summary>Most parts kept that came before the one at the cursor: 192 KiB. A further one is not kept
    /// and comes again.</summary>
    public const int AheadMax = 64;

    private readonly RegionId _region;
    private readonly StrategySpec _spec;
    private readonly List<ReturnEffect> _asked = [];
    private readonly List<(Departure Departure, Dossier Dossier)> _departed = [];
    private readonly List<CargoTold> _told = [];
    private readonly SortedDictionary<NodeId, Dossier> _dossiers = [];

    // Parts that came before the one at the cursor, by offset.
    private readonly SortedDictionary<long, byte[]> _ahead = [];

    // The ledger when the return was offered, and the validation that holds the journal against it.
    private RegionRecords _offeredAgainst = RegionRecords.None;
    private ReturnValidation? _validation;

    // The books as a quarantined return would leave them, for an operator who overrules.
    private RegionFold? _contested;

    internal RegionReception(RegionId region, StrategySpec spec)
    {
        _region = region;
        _spec = spec;
        Accepted = AcceptedState.Enrolled(spec.Regions[region].PublicKey, [0, 0, 0, 0]);
    }

    /// <summary>The journal as it was last accepted.</summary>
    public AcceptedState Accepted { get; private set; }

    /// <summary>The region's books, by the accepted journal.</summary>
    public RegionBooks Books { get; private set; } = new();

    /// <summary>What the strategic layer's ledger says that the accepted journal has not told yet.</summary>
    public RegionRecords Records { get; private set; } = RegionRecords.None;

    /// <summary>What is known of each node, for whoever goes on with it.</summary>
    public IReadOnlyDictionary<NodeId, Dossier> Dossiers => _dossiers;

    /// <summary>The verdict that an operator has to look at.</summary>
    public ReturnVerdict? Quarantine { get; private set; }

    /// <summary>A bounty that was reported otherwise than the accepted journal tells; zero when none
    /// was.</summary>
    public BountyId Contradicted { get; private set; }

    /// <summary>Whether the region gets no new bounties until an operator has looked.</summary>
    public bool IsQuarantined => Quarantine is not null || Contradicted.Value > 0;

    /// <summary>The return on offer, until it is judged.</summary>
    public ReturnOffered? Offer { get; private set; }

    /// <summary>Bytes of it that were taken.</summary>
    public long Cursor => _validation?.Cursor ?? 0;

    /// <summary>Whether a part that begins there is of use: at or behind the cursor, or ahead of it and there
    /// is room.</summary>
    internal bool IsWanted(long offset, int length) => Offer is not null && offset + length > Cursor
        && (offset <= Cursor || (_ahead.Count < AheadMax && !_ahead.ContainsKey(offset)));

    /// <summary>What the validation asked for when a fact was applied last.</summary>
    internal IReadOnlyList<ReturnEffect> Asked => _asked;

    /// <summary>Nodes that the region let go, by the return that was accepted when a fact was applied
    /// last.</summary>
    internal IReadOnlyList<(Departure Departure, Dossier Dossier)> Departed => _departed;

    /// <summary>What it weighed after it was taken over, by the same return.</summary>
    internal IReadOnlyList<CargoTold> Told => _told;

    /// <summary>The region was given an authority.</summary>
    internal void Grant(Epoch charter) =>
        Records = Records with { Charter = charter, EndHeard = Instant.Never };

    /// <summary>The hub says that it knows of the end of its authority.</summary>
    internal void HearEnd(Instant at) =>
        Records = Records with { EndHeard = at + _spec.Returns.ClockErrorMax };

    /// <summary>Credits were sent to the region.</summary>
    internal void Send(Sending sending) =>
        Records = Records with { Sent = Records.Sent.Add(sending.Transfer, sending) };

    /// <summary>The region was told to let a node go.</summary>
    internal void Recall(Recall recall) =>
        Records = Records with { Recalled = Records.Recalled.SetItem(recall.Node, recall) };

    /// <summary>The region was told that less of a bounty is wanted.</summary>
    internal void Reduce(Reduction reduction) =>
        Records = Records with { Reduced = Records.Reduced.SetItem(reduction.Bounty, reduction) };

    /// <summary>Another region took everything over. A return under way begins again: what it tells is
    /// another's business now.</summary>
    internal void Succeed(RegionId successor)
    {
        Records = Records with { Successor = successor };
        _contested = null;
        Forget();
    }

    /// <summary>A bounty's report was booked: is it what the journal tells?</summary>
    internal void Hear(BountyReport report)
    {
        Records = Records with { Reports = Records.Reports.Add(report.Bounty, report) };
        Match();
    }

    /// <summary>Lots that came back were booked: are they what the journal tells?</summary>
    internal void Hear(LotsReturned returned)
    {
        Records = Records with { Lots = Records.Lots.Add(returned.Transfer, returned) };
        Match();
    }

    /// <summary>Applies one remembered fact.</summary>
    internal void Apply(RegionFact fact)
    {
        _asked.Clear();
        _departed.Clear();
        _told.Clear();
        switch (fact)
        {
            case RegionFact.Offered(var at, var offer):
                if (_validation is null)
                {
                    Offer = offer;
                    _offeredAgainst = Records;
                    _validation = Validation();
                }

                // A second offer before the first is judged is held against it: there is one story.
                Run(at, new ReturnInput.Offered(
                    new Offer([new NoteText(offer.Note)], offer.Consistency, offer.Bytes), default));
                break;
            case RegionFact.PartTaken(var at, var offset, var bytes):
                _ahead[offset] = bytes;
                TakeInOrder(at);
                break;
            case RegionFact.SignatureJudged(var at, var request, var isGood):
                Run(at, new ReturnInput.SignatureJudged(request, isGood));
                break;
            case RegionFact.Judged(_, var verdict):
                Judge(verdict);
                break;
            case RegionFact.Reviewed(var isAccepted):
                Review(isAccepted);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>What the validation waits for, to be asked again.</summary>
    internal IReadOnlyList<ReturnEffect> AskAgain(Instant now)
    {
        var effects = new List<ReturnEffect>();
        _validation?.Step(now, new ReturnInput.Restarted(), effects);
        return effects;
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("region", 11);
        Accepted = AcceptedState.Shape(ref codec, codec.IsReading ? null : Accepted);
        Books.Shape(ref codec);
        Records = RegionRecords.Shape(ref codec, codec.IsReading ? null : Records);
        codec.Table(
            "dossiers",
            _dossiers,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Dossier value) => Dossier.Shape(ref c, value));
        codec.Table(
            "ahead",
            _ahead,
            static (ref TCodec c, long key) => c.Integer("offset", key, 0, ReturnOffered.BytesMax),
            static (ref TCodec c, byte[] value) => c.Bytes("part", value ?? [], JournalPart.BytesMax));
        Quarantine = codec.Optional("quarantine", Quarantine);
        Contradicted = codec.Bounty("contradicted", Contradicted);
        Offer = codec.Optional("offer", Offer);
        _offeredAgainst = RegionRecords.Shape(ref codec, codec.IsReading ? null : _offeredAgainst);
        int validating = codec.OpenList("validation", _validation is null ? 0 : 1, 1);
        _validation = codec.IsReading ? validating == 1 ? Validation() : null : _validation;
        _validation?.Shape(ref codec);
        codec.CloseList();
        int contested = codec.OpenList("contested", _contested is null ? 0 : 1, 1);
        _contested = codec.IsReading
            ? contested == 1 ? new RegionFold(new RegionBase(new(), RegionRecords.None)) : null : _contested;
        _contested?.Shape(ref codec);
        codec.CloseList();
        codec.Close();
    }

    private ReturnValidation Validation()
    {
        var known = new HubRecords
        {
            Approvals = _spec.Approvals,
            Dockings = [],
            Readings = [],
            Witnessed = [],
            AtStake = Credits.Zero,
        };
        return new ReturnValidation(
            Party.Of(_region), _spec.Returns, Accepted, known, new RegionBase(Books, _offeredAgainst));
    }

    private void Run(Instant at, ReturnInput input) => _validation?.Step(at, input, _asked);

    // Feeds what is here without a hole. Bytes behind damage are asked for again with it.
    private void TakeInOrder(Instant at)
    {
        while (_ahead.Count > 0 && _validation is not null)
        {
            KeyValuePair<long, byte[]> first = First();
            long cursor = Cursor;
            if (first.Key > cursor)
            {
                return;
            }

            _ = _ahead.Remove(first.Key);
            Run(at, new ReturnInput.BytesArrived(first.Key, first.Value));
            if (Cursor < cursor)
            {
                _ahead.Clear();
            }
        }
    }

    private KeyValuePair<long, byte[]> First()
    {
        foreach (KeyValuePair<long, byte[]> part in _ahead)
        {
            return part;
        }

        throw new BrokenInvariantException("there is a part");
    }

    private void Judge(ReturnVerdict verdict)
    {
        if (verdict.Outcome != ReturnOutcome.Quarantined)
        {
            Accepted = verdict.Accepted;
            Settle(_validation!.Region!);
        }
        else
        {
            Quarantine = verdict;
            _contested = verdict.Contested is null ? null : _validation!.Region;
        }

        Forget();
        Match();
    }

    private void Forget()
    {
        Offer = null;
        _validation = null;
        _ahead.Clear();
        _offeredAgainst = RegionRecords.None;
    }

    // Rejected: the region stays as it is. Accepted: its word counts, the contested return with it; one that
    // is not the hub's own or not whole is judged anew when it comes again.
    private void Review(bool isAccepted)
    {
        if (!isAccepted)
        {
            return;
        }

        if (_contested is not null)
        {
            Accepted = Quarantine!.Contested!.Accepted;
            Settle(_contested);
        }

        Quarantine = null;
        Contradicted = default;
        _contested = null;
        Match();
    }

    private void Settle(RegionFold fold)
    {
        Books = fold.Books;
        Records = Books.Settle(Records);
        fold.Update(_dossiers);
        _told.AddRange(fold.Told);
        foreach (Departure departure in fold.Left)
        {
            Records = Records with { Recalled = Records.Recalled.Remove(departure.Node) };
            if (_dossiers.Remove(departure.Node, out Dossier? dossier))
            {
                _departed.Add((departure, dossier));
            }
        }
    }

    // Bounties whose end both the journal and a report have told are held against each other. Not while a
    // validation goes on, or may be taken over: it began from these books.
    private void Match()
    {
        if (_validation is not null || _contested is not null)
        {
            return;
        }

        foreach (LotsReturned returned in (ImmutableArray<LotsReturned>)[.. Records.Lots.Values])
        {
            if (Books.Hear(returned) is { } isAlike)
            {
                Records = Records with { Lots = Records.Lots.Remove(returned.Transfer) };
                Contradicted = isAlike ? Contradicted : returned.Bounty;
            }
        }

        foreach (BountyReport report in (ImmutableArray<BountyReport>)[.. Records.Reports.Values])
        {
            if (Books.Hear(report) is { } isAlike)
            {
                Records = Records with { Reports = Records.Reports.Remove(report.Bounty) };
                Contradicted = isAlike ? Contradicted : report.Bounty;
            }
        }
    }
}
