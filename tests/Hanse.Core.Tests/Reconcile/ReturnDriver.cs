using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>Carries out what the validation of a return asks: verifies, replays, uploads and shows.</summary>
internal sealed class ReturnDriver
{
    private readonly List<ReturnEffect> _asked = [];
    private readonly Queue<ReturnInput> _inputs = new();
    private readonly TestJournal _journal;
    private readonly byte[] _upload;

    public ReturnDriver(TestJournal journal, ReturnRules? rules = null, AcceptedState? accepted = null,
        HubRecords? records = null)
    {
        _journal = journal;
        Rules = rules ?? CaseRules.Rules;
        Accepted = accepted ?? CaseRules.Enrolled;
        Records = records ?? CaseRules.Records;
        _upload = journal.Upload(Accepted.Head.Size);
        Machine = Fresh();
    }

    public ReturnRules Rules { get; }

    public AcceptedState Accepted { get; }

    public HubRecords Records { get; }

    public ReturnValidation Machine { get; private set; }

    public Instant Now { get; set; } = new(1_000_000_000_000);

    /// <summary>Bytes of one piece of the upload.</summary>
    public int Piece { get; set; } = int.MaxValue;

    /// <summary>Where each piece is cut off, as a link does; null when nothing is.</summary>
    public Func<byte[], byte[]>? Spoil { get; init; }

    /// <summary>Whether the machine is thrown away and restored before every input.</summary>
    public bool Crashes { get; init; }

    /// <summary>What the node shows of its raw log; null when it has lost it.</summary>
    public Func<AuditPlace, (byte[] Bytes, byte[] Proof)?>? Show { get; init; }

    public bool AnswersChallenge { get; init; } = true;

    public Func<Digest, byte[], byte[]?>? Replay { get; init; }

    public int Steps { get; private set; }

    public List<ReturnEffect> Effects { get; } = [];

    public ReturnVerdict Run(Offer? offer = null)
    {
        _inputs.Enqueue(new ReturnInput.Offered(
            offer ?? _journal.Offer(Accepted.Head.Size), Digest.Of([9])));
        for (; Machine.Verdict is null; Steps++)
        {
            Assert.True(Steps < 100_000, "the validation does not end");
            if (_inputs.TryDequeue(out ReturnInput? input))
            {
                Step(input);
            }
            else
            {
                Assert.True(Machine.NextWake.HasValue, "it waits for nothing");
                Now = Machine.NextWake.Value;
                Step(new ReturnInput.Woken());
            }
        }

        return Machine.Verdict;
    }

    public void Step(ReturnInput input)
    {
        if (Crashes)
        {
            Restore();
        }

        _asked.Clear();
        Machine.Step(Now, input, _asked);
        foreach (ReturnEffect effect in _asked.ToArray())
        {
            Effects.Add(effect);
            Answer(effect);
        }

        if (input is ReturnInput.BytesArrived piece && piece.Offset + piece.Bytes.Length == Machine.Cursor)
        {
            Send(Machine.Cursor);
        }
    }

    public void Restore()
    {
        byte[] bytes = Snapshot.Of(Machine.Shape);
        Machine = Fresh();
        Snapshot.Into(bytes, Machine.Shape);
        Assert.Equal(bytes, Snapshot.Of(Machine.Shape));
    }

    private ReturnValidation Fresh() => new(Party.Of(_journal.Node), Rules, Accepted, Records);

    private void Answer(ReturnEffect effect)
    {
        switch (effect)
        {
            case ReturnEffect.VerifySignature(var request, var key, var message, var signature):
                _inputs.Enqueue(new ReturnInput.SignatureJudged(
                    request, TestJournal.Sign(key, message).AsSpan().SequenceEqual(signature)));
                break;
            case ReturnEffect.ReplayDecision(var request, var skill, var input):
                byte[]? output = Replay is not null ? Replay(skill, input)
                    : BuiltInDecisions.TryDecide(skill, input, out byte[]? decided) ? decided : null;
                _inputs.Enqueue(output is null
                    ? new ReturnInput.ReplayUnavailable(request) : new ReturnInput.Replayed(request, output));
                break;
            case ReturnEffect.SendFrom(var offset):
                Send(offset);
                break;
            case ReturnEffect.AskBlocks(_, var places, _) when AnswersChallenge:
                foreach (AuditPlace place in places)
                {
                    (byte[] Bytes, byte[] Proof)? shown =
                        Show is null ? _journal.Show(place) : Show(place);
                    _inputs.Enqueue(shown is { } leaf
                        ? new ReturnInput.LeafShown(place.Request, leaf.Bytes, leaf.Proof)
                        : new ReturnInput.LeafMissing(place.Request));
                }

                break;
            default:
                break;
        }
    }

    private void Send(long offset)
    {
        byte[] upload = Spoil is null ? _upload : Spoil([.. _upload]);
        if (offset < upload.Length)
        {
            int length = (int)Math.Min(Piece, upload.Length - offset);
            _inputs.Enqueue(new ReturnInput.BytesArrived(offset, upload.AsMemory((int)offset, length)));
        }
    }
}
