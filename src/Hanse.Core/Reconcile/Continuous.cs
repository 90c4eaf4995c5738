using System;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Layer 2: one append-only journal of this node, block after block, with a clock and boots that
/// make sense.</summary>
/// <remarks>
/// The tree grows with every block from the accepted one, so that its root can be compared at every signed
/// size. A clock may be set, and then an entry says by how much: the clock that the next block must not be
/// behind is moved by that. The entry may stand at the end of the old time or at the beginning of the new;
/// which, its own stamp tells. A reboot begins a block, whose first entry says so. Silence needs no entry,
/// since silence is on plan; a <see cref="Entry.Gap"/> is noted.
/// </remarks>
internal sealed class Continuous
{
    private readonly Party _author;
    private readonly ReturnRules _rules;
    private readonly Instant _latest;
    private readonly Frontier _frontier = new();
    private int _steps;
    private Instant _blockAt;

    // How far the present block began behind the clock, for which no entry has accounted yet.
    private long _behind;

    /// <summary>Goes on from what was accepted.</summary>
    /// <param name="author">Whose journal.</param>
    /// <param name="rules">The mission's.</param>
    /// <param name="accepted">What was accepted.</param>
    /// <param name="offeredAt">When the journal was offered: nothing in it is later, up to the clock
    /// error.</param>
    public Continuous(Party author, ReturnRules rules, AcceptedState accepted, Instant offeredAt)
    {
        _author = author;
        _rules = rules;
        _latest = offeredAt + rules.ClockErrorMax;
        _frontier.Restore(accepted.Head.Size, accepted.Peaks);
        Boot = accepted.Boot;
        At = accepted.At;
        Segment = accepted.Segment;
    }

    /// <summary>Blocks so far, those accepted before included.</summary>
    public ulong Size => _frontier.Size;

    /// <summary>Size and root.</summary>
    public TreeHead Head => _frontier.Head;

    /// <summary>The tree.</summary>
    public Frontier Frontier => _frontier;

    /// <summary>The present boot.</summary>
    public uint Boot { get; private set; }

    /// <summary>The node's clock after the last entry.</summary>
    public Instant At { get; private set; }

    /// <summary>The next raw segment.</summary>
    public uint Segment { get; private set; }

    /// <summary>Takes the head of a block.</summary>
    /// <returns>Why it cannot be the next block at all; null when it can.</returns>
    public ReasonCode? Begin(ref BlockScanner block, Findings findings)
    {
        if (block.Author != _author)
        {
            return ReasonCode.OtherNode;
        }

        if (block.Number != Size)
        {
            return ReasonCode.NumberSkipped;
        }

        _blockAt = block.From;
        var spot = new Spot(block.Number, 0);
        _behind = Math.Max(0, At.Micros - _blockAt.Micros);
        if (_blockAt > _latest)
        {
            findings.Add(ReasonCode.ClockAhead, spot, _latest.Micros, _blockAt.Micros);
        }

        At = _blockAt;
        if (block.Boot < Boot)
        {
            findings.Add(ReasonCode.BootWentBack, spot, Boot, block.Boot);
        }

        return null;
    }

    /// <summary>Whether a block must begin with an entry that says that the machine booted.</summary>
    public bool MustBoot(ref BlockScanner block) => Size == 0 || block.Boot > Boot;

    /// <summary>A block that had to begin with a boot does not.</summary>
    public void MissBoot(ref BlockScanner block, Findings findings)
    {
        findings.Add(ReasonCode.BootUndeclared, new Spot(block.Number, 0), Boot, block.Boot);
        Boot = Math.Max(Boot, block.Boot);
    }

    /// <summary>Takes a boot.</summary>
    public void Take(Entry.Booted booted, ref BlockScanner block, Findings findings)
    {
        var spot = new Spot(block.Number, block.Place);
        bool isFirst = Size == 0 && block.Place == 0;
        if (booted.Boot != block.Boot || block.Place > 0)
        {
            findings.Add(ReasonCode.BootUndeclared, spot, block.Boot, booted.Boot);
        }
        else if (!isFirst && booted.Boot <= Boot)
        {
            findings.Add(ReasonCode.BootWentBack, spot, Boot, booted.Boot);
        }
        else if (!isFirst && booted.Boot - Boot > 1)
        {
            findings.Add(ReasonCode.BootsSkipped, spot, Boot, booted.Boot);
        }

        Boot = Math.Max(Boot, block.Boot);
    }

    /// <summary>When an entry of the present block was made, by the node's clock before any step in
    /// it.</summary>
    public Instant Stamp(ref BlockScanner block) => At = Clamped(Math.Max(
        At.Micros, _blockAt.Micros + (block.Milliseconds * 1_000L)));

    /// <summary>Takes a step of the clock.</summary>
    public void Take(Entry.ClockStepped step, Spot spot, Findings findings)
    {
        findings.Add(ReasonCode.ClockStepped, spot, step.Before.Micros, step.After.Micros);

        // All are from zero up, so no difference overflows.
        long by = step.After.Micros - step.Before.Micros;
        bool isAfter = Math.Abs(At.Micros - step.After.Micros) < Math.Abs(At.Micros - step.Before.Micros);
        if (isAfter)
        {
            _behind = Math.Max(0, Sum.Of(_behind, Math.Min(by, 0)));
        }
        else
        {
            At = Clamped(Sum.Of(At.Micros, by));
            _blockAt = Clamped(Sum.Of(_blockAt.Micros, by));
        }

        if (++_steps == _rules.ClockStepsMax + 1)
        {
            findings.Add(ReasonCode.ClockUnsteady, spot, _rules.ClockStepsMax, _steps);
        }
    }

    /// <summary>Takes a gap.</summary>
    public static void Take(Entry.Gap gap, Spot spot, Findings findings) =>
        findings.Add(ReasonCode.GapDeclared, spot, gap.From.Micros, gap.Until.Micros);

    /// <summary>Takes the seal of a raw segment.</summary>
    public void Take(Entry.RawSealed seal, Spot spot, Findings findings)
    {
        if (seal.Segment != Segment)
        {
            findings.Add(ReasonCode.SegmentSkipped, spot, Segment, seal.Segment);
        }

        Segment = seal.Segment == uint.MaxValue ? seal.Segment : seal.Segment + 1;
    }

    /// <summary>Takes the leaf of a block that has been read to its end.</summary>
    public void End(Digest leaf, Findings findings)
    {
        if (_behind > 0)
        {
            findings.Add(ReasonCode.ClockWentBack, new Spot(Size, 0), _blockAt.Micros + _behind,
                _blockAt.Micros);
            _behind = 0;
        }

        _frontier.Append(leaf);
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("continuous", 5);
        _frontier.Shape(ref codec);
        Boot = (uint)codec.Integer("boot", Boot, 0, uint.MaxValue);
        At = codec.Moment("at", At);
        Segment = (uint)codec.Integer("segment", Segment, 0, uint.MaxValue);
        _steps = codec.Number("steps", _steps);
        codec.Close();
    }

    private static Instant Clamped(long micros) => new(Math.Clamp(micros, 0, Instant.MicrosMax));
}
