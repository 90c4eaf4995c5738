using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Strategy;

/// <content>The journals of regions that come back: received, validated, judged, receipted.</content>
public sealed partial class StrategicLayer
{
    /// <summary>How long a quarantined region is told to wait before it offers again.</summary>
    private static readonly TimeSpan _quarantinePause = TimeSpan.FromDays(1);

    // Regions are few, so every offer is admitted at once; the link paces the upload.
    private Message? Take(Instant now, RegionId region, ReturnOffered offer)
    {
        RegionReception reception = _receptions[region];
        if (offer.Accepted < reception.Accepted.Head.Size)
        {
            return null; // It has not heard how its last return was judged.
        }

        if (reception.Quarantine is not null)
        {
            return new ReturnDeferred(offer.Blocks, (now + _quarantinePause).CeilingSecond);
        }

        if (reception.Offer?.IsSame(offer) != true)
        {
            Record(new StrategyFact.Return(region, new RegionFact.Offered(now, offer)));
            Answer(now, region);
        }

        return Cursor(reception);
    }

    private ReturnAdmitted? Take(Instant now, RegionId region, JournalPart part)
    {
        RegionReception reception = _receptions[region];
        if (reception.Offer is null || reception.Offer.Blocks != part.Blocks)
        {
            return null;
        }

        if (reception.IsWanted(part.Offset, part.Bytes.Length))
        {
            Record(new StrategyFact.Return(region, new RegionFact.PartTaken(now, part.Offset, part.Bytes)));
            Answer(now, region);
        }

        return Cursor(reception);
    }

    private void Judge(Instant now, RegionId region, ulong request, bool isGood)
    {
        if (_receptions.TryGetValue(region, out RegionReception? reception) && reception.Offer is not null)
        {
            Record(new StrategyFact.Return(region, new RegionFact.SignatureJudged(now, request, isGood)));
            Answer(now, region);
        }
    }

    private void Review(RegionId region, bool isAccepted)
    {
        if (_receptions.TryGetValue(region, out RegionReception? reception) && reception.IsQuarantined)
        {
            ulong before = reception.Accepted.Head.Size;
            Record(new StrategyFact.Return(region, new RegionFact.Reviewed(isAccepted)));
            if (reception.Accepted.Head.Size > before)
            {
                Tell(region, reception.Accepted.Head, ReturnOutcome.Corrected, []);
            }

            PassOn(region);
        }
    }

    // An order that changes nothing is the same order again.
    private void Order(RegionId region, bool isGranted)
    {
        if (!_charters.TryGetValue(region, out Epoch epoch))
        {
            Refuse(Party.Of(region), 0, Refusal.UnknownRegion);
        }
        else if (!isGranted && !_ended.Contains(region))
        {
            Record(new StrategyFact.CharterEnded(region, epoch));
            Send(_links[region], new CharterEnded(epoch, default));
        }
        else if (isGranted && _ended.Contains(region) && !_successors.ContainsKey(region))
        {
            Record(new StrategyFact.RegionChartered(region, epoch.Next, 0));
            Send(_links[region], new Charter(epoch.Next, Fund(region, null, Credits.Zero), Credits.Zero));
            TellRollouts(_links[region]);
            ShareQuotas(region);
        }
    }

    // Carries out what a validation asked for when its last fact was applied.
    private void Answer(Instant now, RegionId region)
    {
        foreach (ReturnEffect effect in (ReturnEffect[])[.. _receptions[region].Asked])
        {
            if (effect is ReturnEffect.Judge(var verdict))
            {
                Record(new StrategyFact.Return(region, new RegionFact.Judged(now, verdict)));
                Tell(region, verdict.Accepted.Head, verdict.Outcome, verdict.Reasons);
                PassOn(region);
            }
            else
            {
                Ask(region, effect);
            }
        }
    }

    // What may have been lost with a crash.
    private void AskAgain(Instant now)
    {
        AskOperators();
        AskQuotas();
        foreach ((RegionId region, RegionReception reception) in _receptions)
        {
            foreach (ReturnEffect effect in reception.AskAgain(now))
            {
                Ask(region, effect);
            }
        }
    }

    // The cursor goes out with every answer to the hub; a hub has no decisions or raw logs to show.
    private void Ask(RegionId region, ReturnEffect effect)
    {
        if (effect is ReturnEffect.VerifySignature(var request, var key, var message, var signature))
        {
            _outbox.Emit(new StrategyEffect.Verify(region, request, key, message, signature));
        }
    }

    private void Tell(
        RegionId region, TreeHead head, ReturnOutcome outcome, ImmutableArray<Reason> reasons)
    {
        // A successor began from the books as they were: what is told after that is safe with nobody.
        ulong safe = _successors.ContainsKey(region) ? 0 : head.Size;
        Send(_links[region], Receipt.Of(head, outcome, reasons, safe));
    }

    private static ReturnAdmitted? Cursor(RegionReception reception) =>
        reception.Offer is null ? null : new ReturnAdmitted(reception.Offer.Blocks, reception.Cursor);
}
