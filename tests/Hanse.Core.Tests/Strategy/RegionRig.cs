using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Tests.Strategy;

/// <summary>One hub's journal and the strategic layer's end of it, with the link cut at random and the
/// receiver restored from its bytes now and then.</summary>
internal sealed class RegionRig
{
    private static readonly RegionId _region = new(3);
    private static readonly byte[] _key = [.. Enumerable.Repeat((byte)5, 32)];

    private readonly StrategySpec _spec = new()
    {
        Rules = null!, // The market's business.
        Regions = ImmutableSortedDictionary<RegionId, RegionSpec>.Empty.Add(
            _region, new RegionSpec { Contacts = null!, PublicKey = _key }),
        Returns = CaseRules.Rules,
        Approvals = [new Approval(SoftwareClass.Core, default, Instant.Epoch, Instant.Never)],
    };

    private Prng _prng;
    private Instant _now = new(1_000_000_000);
    private ulong _lastTransfer;
    private ulong _lastBounty;
    private int _reported;
    private int _lotsHeard;

    public RegionRig(ulong seed)
    {
        _prng = new Prng(seed * 7919);
        Log = NewLog();
        Life = new RegionLife(seed, entry => Log.Attest(_now, new Entry.Regional(entry)));
        Reception = new RegionReception(_region, _spec);
        Log.Attest(_now, new Entry.Booted(1, default, []));
    }

    public Logbook Log { get; }

    public RegionLife Life { get; }

    public RegionReception Reception { get; private set; }

    /// <summary>Whether reports stay on their way.</summary>
    public bool HoldsReports { get; init; }

    public bool IsSignatureGood { get; set; } = true;

    /// <summary>An empty journal of the region.</summary>
    public static Logbook NewLog()
    {
        Logbook? log = null;
        log = new Logbook(Party.Of(_region), _key, fact => log!.Apply(fact));
        return log;
    }

    public void Charter()
    {
        var transfer = new TransferId(++_lastTransfer);
        Reception.Grant(new Epoch(1));
        Reception.Send(new Sending(transfer, new Credits(40), null, null));
        Life.TakeCharter(new Epoch(1), transfer, new Credits(40));
    }

    public void Post()
    {
        var transfer = new TransferId(++_lastTransfer);
        BountyId name = NextName();

        // As many deliveries and surveys as there were: only those are cancelled, or held back.
        WorkKind kind = name.IsLots ? WorkKind.Deliver : _prng.Below(6) switch
        {
            0 or 1 => WorkKind.Deliver,
            2 or 3 => WorkKind.Survey,
            4 => WorkKind.Build,
            _ => WorkKind.Transport,
        };
        var bounty = new Bounty(
            name, Commodity.Iron, new DepotId(kind == WorkKind.Transport ? 2U : 1U),
            new Grams(10 + _prng.Below(20)), new Grams(5),
            new Credits(_prng.Below(9) * (kind == WorkKind.Survey ? 20 : 1)), Instant.Epoch)
        {
            Kind = kind,
            Site = new SiteId(kind is WorkKind.Deliver or WorkKind.Transport ? 0U : 1U),
            From = new DepotId(kind == WorkKind.Transport ? 1U : 0U),
        };
        Reception.Send(new Sending(transfer, bounty.Worth, BountyBook.New(bounty), null));
        Life.Take(bounty, transfer);
    }

    private BountyId NextName()
    {
        _lastBounty++;
        return _prng.Below(2) == 0 ? BountyId.Lots(new DemandId(3), _lastBounty) : new BountyId(_lastBounty);
    }

    /// <summary>A node of another region is sent here.</summary>
    public void Adopt()
    {
        var transfer = new TransferId(++_lastTransfer);
        var node = new NodeId(1_000_000 + (uint)_lastTransfer);
        var balance = new Credits(_prng.Below(9));
        var enrol = new Enrol(new byte[32], 1, 1, new Grams(100), new Plan(1, default, Instant.Epoch, []));
        Reception.Send(new Sending(
            transfer, balance, null, new Passage(node, new Epoch(2), new Dossier(enrol, []), null)));
        Life.Adopt(node, new Epoch(2), transfer, balance);
    }

    /// <summary>Nodes that left, by the returns accepted so far.</summary>
    public List<NodeId> Departed { get; } = [];

    /// <summary>The hub says that it has heard of the end of its authority, and an hour passes.</summary>
    public void HearEnd()
    {
        Reception.HearEnd(_now);
        _now += TimeSpan.FromHours(1);
    }

    /// <summary>A stretch of life, in the dark or not.</summary>
    public void Live(int steps)
    {
        for (int i = 0; i < steps && !Life.HasLied; i++)
        {
            _now += TimeSpan.FromSeconds(_prng.Below(100));
            Life.Live();
            if (_prng.Below(12) == 0)
            {
                Post();
            }

            if (_prng.Below(10) == 0 && Life.Recall() is { } recalled)
            {
                Reception.Recall(new Recall(recalled, new RegionId(7)));
            }

            if (_prng.Below(20) == 0)
            {
                Adopt();
            }

            if (_prng.Below(6) == 0)
            {
                Life.Reduce(Reception.Reduce);
            }

            if (!HoldsReports && _prng.Below(4) == 0)
            {
                Report();
            }
        }
    }

    /// <summary>Delivers the oldest report that has not been.</summary>
    public void Report()
    {
        if (_reported < Life.Reports.Count)
        {
            Reception.Hear(Life.Reports[_reported++]);
        }

        if (_lotsHeard < Life.Lots.Count)
        {
            Reception.Hear(Life.Lots[_lotsHeard++]);
        }
    }

    /// <summary>Signs, offers and uploads all there is.</summary>
    public ReturnVerdict? Return()
    {
        ReturnVerdict? last = null;
        for (int times = 0; times < 3 && Log.AskSignature(_now); times++)
        {
            _ = Log.Sign(Log.ToSign().Blocks, new byte[64]);
            last = Judge(Log, Log.Offer(_now, reminds: true)!);
            ulong size = Reception.Accepted.Head.Size;
            Log.Receive(size, Reception.Accepted.Head.Root.ToArray(), size);
        }

        return last;
    }

    /// <summary>Takes an offer, and the bytes that a journal has for it.</summary>
    public ReturnVerdict? Judge(Logbook log, ReturnOffered offer)
    {
        var facts = new Queue<RegionFact>();
        facts.Enqueue(new RegionFact.Offered(_now, offer));
        ReturnVerdict? verdict = null;
        for (int turns = 0; turns < 1_000 && verdict is null; turns++)
        {
            while (facts.TryDequeue(out RegionFact? fact) && verdict is null)
            {
                Reception.Apply(fact);
                verdict = Answer(facts);
                RestoreNowAndThen();
            }

            if (verdict is null && _prng.Below(3) == 0
                && log.Admit(_now, offer.Blocks, Reception.Cursor + _prng.Below(2_000)) is { } early
                && Reception.IsWanted(early.Offset, early.Bytes.Length))
            {
                facts.Enqueue(new RegionFact.PartTaken(_now, early.Offset, early.Bytes)); // It overtook.
            }
            else if (verdict is null && log.Admit(_now, offer.Blocks, Reception.Cursor) is { } part)
            {
                byte[] cut = part.Bytes[..(1 + (int)_prng.Below(part.Bytes.Length))];
                facts.Enqueue(new RegionFact.PartTaken(_now, Reception.Cursor, cut));
                if (_prng.Below(8) == 0)
                {
                    Report(); // While the return is on its way.
                }
            }
            else if (facts.Count == 0)
            {
                break;
            }
        }

        return verdict;
    }

    private ReturnVerdict? Answer(Queue<RegionFact> facts)
    {
        foreach (ReturnEffect.VerifySignature ask in Reception.Asked.OfType<ReturnEffect.VerifySignature>())
        {
            facts.Enqueue(new RegionFact.SignatureJudged(_now, ask.Request, IsSignatureGood));
        }

        ReturnVerdict? verdict = Reception.Asked.OfType<ReturnEffect.Judge>().LastOrDefault()?.Verdict;

        if (verdict is not null)
        {
            Reception.Apply(new RegionFact.Judged(_now, verdict));
            Departed.AddRange(Reception.Departed.Select(gone => gone.Departure.Node));
        }

        return verdict;
    }

    private void RestoreNowAndThen()
    {
        if (_prng.Below(6) == 0)
        {
            byte[] bytes = Snapshot.Of(Reception.Shape);
            var restored = new RegionReception(_region, _spec);
            Snapshot.Into(bytes, restored.Shape);
            Assert(Snapshot.Of(restored.Shape).AsSpan().SequenceEqual(bytes));
            Reception = restored;
        }
    }

    private static void Assert(bool holds) => Xunit.Assert.True(holds, "a restored reception is another one");
}
