using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Judges one return of one node.</summary>
/// <remarks>
/// The problem: a node comes back after weeks in which nobody watched, and says what it did. Its hub must
/// find out whether that is authentic, complete, decided by approved software, physically possible and
/// likely, before it acts on a word of it; and a hub has hundreds of returns a day and one processor. The
/// idea: eight layers, cheapest first, each of which reads the upload once as it streams by. What is costly
/// (signatures, decisions taken again, raw logs) is asked for as an effect, of a sample that the node could
/// not foresee.
/// <code>
/// awaiting -> streaming -> answering -> auditing -> judged
///     \          \  ^---- damaged: back to the mark, once or twice
///      \----------\-------> accusing: two heads that cannot both be -> judged
/// </code>
/// <para>
/// The upload is a run of blocks, each behind its length in four bytes, big-endian, from the accepted head to
/// the offered one. <see cref="Cursor"/> is how many of its bytes have been taken: a link may close at any
/// byte, and a restored snapshot goes on at the next.
/// </para>
/// <para>
/// Invariants. Deterministic: the same inputs in the same order give the same verdict to the byte, and so do
/// the same bytes cut elsewhere. Total: every input in every state has an answer, and none throws. Bounded:
/// one block, one list for each named limit, and a mark to go back to when bytes were damaged; never the
/// upload. The verdict is given once; later inputs do nothing. A quarantine is about the claims of this
/// return and nothing else. Deliberately absent: what follows from a verdict, which is the room Merge;
/// admission, which is the room Intake; signatures and sandboxes, which are the driver's. The audit follows
/// Ateniese et al. (CCS 2007), the log RFC 9162 and Crosby and Wallach (USENIX Security 2009).
/// </para>
/// </remarks>
public sealed partial class ReturnValidation
{
    /// <summary>Bytes of the length in front of each block of an upload.</summary>
    public const int LengthBytes = 4;

    /// <summary>A mark to go back to is set at the first signed head after so many bytes since the
    /// last.</summary>
    public const int MarkBytes = 1 << 20;

    private const int StateBytesMax = 1 << 26;

    private readonly ReturnRules _rules;
    private readonly AcceptedState _accepted;
    private readonly HubRecords _records;
    private readonly RegionBase? _region;
    private readonly Scrutiny _scrutiny;
    private readonly ReExecuted _replays = new();
    private readonly Audited _audit = new();
    private readonly Signatures _signatures = new();
    private readonly Findings _findings = new();
    private readonly ByteBuffer _partial = new();
    private readonly ByteBuffer _scratch = new();

    private Phase _phase = Phase.Awaiting;
    private Offer _offer = new([], [], 0);
    private OfferedNotes? _notes;
    private Digest _nonce;
    private Instant _offeredAt;
    private Instant _until = Instant.Never;
    private UploadWalk _walk;
    private ulong _nextRequest = 1;

    // What two heads are accused of once the second is known to be signed; zero when nothing is.
    private ReasonCode _accusation;
    private ImmutableArray<NoteText> _evidence = [];

    /// <summary>Begins to judge a return.</summary>
    /// <param name="author">Whose: a node's, or a hub's.</param>
    /// <param name="rules">The mission's.</param>
    /// <param name="accepted">What was accepted of the node before.</param>
    /// <param name="records">What others know of it.</param>
    /// <param name="region">For a hub, the books of its region; null for a node. None of the five is in the
    /// snapshot: restore with the same.</param>
    public ReturnValidation(
        Party author, ReturnRules rules, AcceptedState accepted, HubRecords records,
        RegionBase? region = null)
    {
        Invariant.Holds(author.Kind == PartyKind.Hub == region is not null);
        Author = author;
        _rules = rules;
        _accepted = accepted;
        _records = records;
        _region = region;
        _scrutiny = Scrutiny.Of(rules, accepted.CleanReturns, records.AtStake);
        _walk = NewWalk();
        ValidSize = accepted.Head.Size;
    }

    private enum Phase
    {
        Awaiting = 1,
        Accusing = 2,
        Streaming = 3,
        Answering = 4,
        Auditing = 5,
        Judged = 6,
    }

    /// <summary>Whose return.</summary>
    public Party Author { get; }

    /// <summary>Bytes of the upload taken so far: the next to send.</summary>
    public long Cursor { get; private set; }

    /// <summary>Blocks up to the last signed head that the upload was found to lead to.</summary>
    public ulong ValidSize { get; private set; }

    /// <summary>The verdict, once given.</summary>
    public ReturnVerdict? Verdict { get; private set; }

    /// <summary>Places of the raw log that it waits for, in order of their requests; none unless a challenge
    /// is open.</summary>
    /// <param name="most">How many of them.</param>
    public ImmutableArray<AuditPlace> Challenge(int most) =>
        _phase == Phase.Auditing ? _audit.Waiting(_rules.AuditUnit, most) : [];

    /// <summary>A hub's region as this return leaves it; null for a node.</summary>
    internal RegionFold? Region => _walk.Region;

    /// <summary>When to give it <see cref="ReturnInput.Woken"/>.</summary>
    public Instant? NextWake =>
        _phase is Phase.Streaming or Phase.Auditing && _until < Instant.Never ? _until : null;

    /// <summary>Takes one input.</summary>
    /// <param name="now">The hub's clock; never earlier than in the call before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="effects">What it asks for is added here, in order. What it remembers is a function of its
    /// inputs: a driver remembers those, or walks the state whenever it likes.</param>
    public void Step(Instant now, ReturnInput input, ICollection<ReturnEffect> effects)
    {
        switch (input)
        {
            case ReturnInput.Offered(var offer, var nonce):
                Take(now, offer, nonce, effects);
                break;
            case ReturnInput.BytesArrived(var offset, var bytes):
                Take(offset, bytes, effects);
                Proceed(now, effects);
                break;
            case ReturnInput.SignatureJudged(var request, var isGood):
                Take(request, isGood, effects);
                Proceed(now, effects);
                break;
            case ReturnInput.Replayed(var request, var output):
                TakeReplay(request, output, effects);
                Proceed(now, effects);
                break;
            case ReturnInput.ReplayUnavailable(var request):
                TakeReplay(request, null, effects);
                Proceed(now, effects);
                break;
            case ReturnInput.LeafShown(var request, var bytes, var proof):
                TakeLeaf(now, request, bytes, proof, effects);
                break;
            case ReturnInput.LeafMissing(var request):
                TakeLeaf(now, request, null, [], effects);
                break;
            case ReturnInput.Woken:
                Wake(now, effects);
                break;
            case ReturnInput.Restarted:
                Repeat(effects);
                break;
            default:
                break; // A closed set: nothing else can be made.
        }
    }

    // Whatever does not depend on which input came: goes on to the next phase when nothing is waited for.
    private void Proceed(Instant now, ICollection<ReturnEffect> effects)
    {
        bool isSettled = _signatures.IsIdle && _replays.IsIdle;
        if (_phase == Phase.Accusing && _signatures.IsIdle)
        {
            Accuse(effects);
        }
        else if (_phase == Phase.Streaming && _findings.IsGrave)
        {
            Judge(effects);
        }
        else if (_phase == Phase.Answering && isSettled)
        {
            Audit(now, effects);
        }
    }

    private void Audit(Instant now, ICollection<ReturnEffect> effects)
    {
        _walk.Close();
        if (!_findings.IsGrave && !_walk.Findings.IsGrave)
        {
            _audit.Open(_rules.AuditUnit, _nonce, _walk.Continuous.Head.Root, _walk.Segments,
                _scrutiny.Places, ref _nextRequest, _findings);
        }

        if (_audit.IsDone)
        {
            Judge(effects);
            return;
        }

        _phase = Phase.Auditing;
        _until = now + _rules.AuditTime;
        AskBlocks(effects);
    }

    private void TakeLeaf(
        Instant now, ulong request, byte[]? bytes, byte[] proof, ICollection<ReturnEffect> effects)
    {
        if (_phase != Phase.Auditing)
        {
            return;
        }

        AuditAnswer answer =
            _audit.Answer(request, bytes, proof, _rules.AuditUnit, ref _nextRequest, _findings);
        _leaves += answer is AuditAnswer.Unasked || bytes is null ? 0 : 1;
        bool asksMore = answer == AuditAnswer.AskAgain || (answer == AuditAnswer.Bad && _audit.Escalate(
            _rules.AuditUnit, _nonce, _walk.Segments, _audit.BadCite, ref _nextRequest));
        if (asksMore)
        {
            _until = now + _rules.AuditTime;
            AskBlocks(effects);
        }
        else if (_audit.IsDone)
        {
            Judge(effects);
        }
        else if (answer == AuditAnswer.Good)
        {
            _until = now + _rules.AuditTime; // It goes on; over a relay two blocks take an hour.
        }
    }

    private void Wake(Instant now, ICollection<ReturnEffect> effects)
    {
        if (now < _until)
        {
            return;
        }

        if (_phase == Phase.Streaming)
        {
            _findings.Add(ReasonCode.Incomplete, new Spot(_walk.Continuous.Size, 0),
                (long)Math.Min(_notes!.Last.Size, long.MaxValue), (long)_walk.Continuous.Size);
            Judge(effects);
        }
        else if (_phase == Phase.Auditing)
        {
            _audit.Close(_findings);
            Judge(effects);
        }
    }

    // A restored snapshot: every question may have been lost, and all are safe to repeat.
    private void Repeat(ICollection<ReturnEffect> effects)
    {
        foreach (ReturnEffect effect in _signatures.AskAgain())
        {
            effects.Add(effect);
        }

        foreach (ReturnEffect effect in _replays.AskAgain())
        {
            effects.Add(effect);
        }

        if (_phase == Phase.Streaming)
        {
            effects.Add(new ReturnEffect.SendFrom(Cursor));
        }
        else if (_phase == Phase.Auditing)
        {
            AskBlocks(effects);
        }
        else if (_phase == Phase.Judged)
        {
            effects.Add(new ReturnEffect.Judge(Verdict!));
        }
    }

    private void AskBlocks(ICollection<ReturnEffect> effects) => effects.Add(
        new ReturnEffect.AskBlocks(_nonce, _audit.Waiting(_rules.AuditUnit, int.MaxValue), _until));

    private UploadWalk NewWalk() =>
        new(Author, _rules, _accepted, _records, _offeredAt, _nonce, _scrutiny.ReplayedPpm,
            _region is null ? null : new RegionFold(_region));
}
