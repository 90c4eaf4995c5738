using System;
using Hanse.Core.Links;
using Hanse.Core.Time;

namespace Hanse.Core.Intake;

/// <summary>Whether an offer is admitted now, and else when its node shall come back.</summary>
internal sealed class Placement(IntakeRules rules, ProcessorMeter meter)
{
    private static readonly TimeSpan _tick = TimeSpan.FromMicroseconds(1);

    /// <summary>The answer to a node that comes back at an instant of a window of its plan.</summary>
    public static IntakeVerdict.Deferred InWindow(ContactPlan contacts, Instant at) =>
        new(at, contacts.WindowNumber(at));

    /// <summary>Admission of an offer, or null when it does not fit.</summary>
    /// <param name="now">The time.</param>
    /// <param name="offered">The return as a waiting one, priced now.</param>
    /// <param name="known">The same return as it waits already, or null.</param>
    /// <param name="contacts">The node's plan.</param>
    /// <param name="backlog">All returns.</param>
    public IntakeFact.Admitted? Admit(
        Instant now, Return offered, Return? known, ContactPlan contacts, Backlog backlog)
    {
        if (backlog.Admitted >= rules.AdmittedMax || !contacts.IsOpen(now))
        {
            return null;
        }

        // What the answer and the bytes need to cross the distance is lost to the upload.
        Instant closing = contacts.Closing(now);
        TimeSpan left = closing - now - contacts.LightTime - contacts.LightTime;
        long carried = left.Ticks / TimeSpan.TicksPerMillisecond * contacts.BytesPerSecond / 1_000;
        long bytes = Math.Min(Math.Min(offered.Summary.BytesToCome, rules.UploadBytesMax), carried);
        if (bytes <= 0)
        {
            return null;
        }

        Instant nextWindow = contacts.NextOpening(closing);
        ProcessorTime work = offered.Work.ForPart(bytes, offered.Summary.BytesToCome);
        ProcessorTime ahead = Ahead(now, offered, known, backlog).Work;
        bool isIdle = backlog.Admitted == 0;
        bool isInTime = meter.FreeAfter(now, ahead + work) <= nextWindow
            && meter.FreeAfter(now, backlog.UploadWork + work) <= backlog.FirstPromise(now);
        return isIdle || isInTime
            ? new IntakeFact.Admitted(now, offered.Summary, bytes, closing + contacts.LightTime, nextWindow)
            : null;
    }

    /// <summary>When a node that does not fit shall come back: when what is ahead of it is expected to be
    /// done, in a window of its own, at an instant nobody else was given.</summary>
    public IntakeFact.Deferred Defer(
        Instant now, Return offered, Return? known, ContactPlan contacts, Backlog backlog)
    {
        (ProcessorTime work, long bytes) = Ahead(now, offered, known, backlog);

        // Two streams drain what is ahead, and the slower one counts: the processor, and the places for
        // uploads, each at the rate of a link.
        long rate = (long)contacts.BytesPerSecond * rules.AdmittedMax;
        var seconds = (long)(((Int128)bytes + rate - 1) / rate);
        Instant carried = now + TimeSpan.FromSeconds(Math.Min(seconds, Instant.MicrosMax / 16_000_000));
        Instant free = Instant.Max(meter.FreeAfter(now, work), carried);

        // Not before a call could be answered and made again.
        Instant soonest = now + contacts.LightTime + contacts.LightTime + TimeSpan.FromSeconds(1);
        Instant at = InContact(Instant.Max(free, soonest), offered, contacts);
        while (at != known?.ReturnAt && backlog.HasReturnAt(at))
        {
            at += _tick;
        }

        return new IntakeFact.Deferred(now, offered.Summary, at);
    }

    // What is done before an offer: uploads, and what waits with no lower rank. A node that comes back when
    // it was told to has waited behind its equals already, and has only what outranks it ahead.
    private static (ProcessorTime Work, long Bytes) Ahead(
        Instant now, Return offered, Return? known, Backlog backlog)
    {
        bool isDue = known is not null && now >= known.ReturnAt;
        int from = isDue ? offered.Rank + 1 : offered.Rank;
        (ProcessorTime work, long bytes) = backlog.WaitingFrom(from);
        if (known is not null && known.Rank >= from)
        {
            // Not ahead of itself.
            work -= known.WorkLeft;
            bytes -= known.Summary.BytesToCome;
        }

        return (work + backlog.UploadWork, bytes + backlog.UploadBytes);
    }

    // Between windows the turns of many nodes pass unused, and they may all have the same next opening, as
    // after a conjunction. So they are spread over the first half of that window by identity.
    private static Instant InContact(Instant at, Return offered, ContactPlan contacts)
    {
        if (contacts.IsOpen(at))
        {
            return at;
        }

        Instant opening = contacts.NextOpening(at);
        TimeSpan half = (contacts.Closing(opening) - opening) / 2;
        return opening + Stagger.Phase(offered.Node, (ulong)contacts.WindowNumber(opening), half);
    }
}
