using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Journal;

/// <summary>A journal that goes on under another key: whoever judges it, from wherever he begins, finds each
/// head signed by the key that the part before it names.</summary>
public sealed class LogbookKeyTests
{
    private static readonly Party _author = Party.Of(new NodeId(7));

    /// <summary>What happens to a journal.</summary>
    public enum Act
    {
        /// <summary>An entry is written, much later.</summary>
        Write,

        /// <summary>Another key is to sign it.</summary>
        Change,

        /// <summary>It is offered, and accepted.</summary>
        Accept,

        /// <summary>It is offered, accepted, and nobody asks for it any more.</summary>
        Settle,

        /// <summary>Another judge takes over, who has less.</summary>
        GoBack,

        /// <summary>The first judge takes over again.</summary>
        GoOn,

        /// <summary>The machine is built anew from its facts.</summary>
        Replay,

        /// <summary>And from its snapshot.</summary>
        Restore,
    }

    [Fact]
    public void Whoever_judges_finds_each_head_signed_by_the_key_named_before_it() =>
        Gen.Enum<Act>().Array[1, 80].Sample(
            acts =>
            {
                var trial = new Trial();
                foreach (Act act in acts)
                {
                    trial.Do(act);
                }

                trial.Drain();
            },
            iter: 2_000);

    [Fact]
    public void Two_changes_before_anybody_looks_are_told_one_after_the_other()
    {
        var trial = new Trial();
        trial.Do(Act.Write);
        trial.Do(Act.Change);
        Assert.True(trial.Log.IsChanging);
        byte[] wanted = new byte[32];
        Assert.False(trial.Log.ChangeKey(trial.Now, wanted)); // Not before a head is signed over the first.
        trial.Do(Act.Accept);
        Assert.False(trial.Log.IsChanging);
        trial.Do(Act.Change);
        trial.Do(Act.Accept);
        trial.Do(Act.Write);
        trial.Do(Act.Accept);
        Assert.Equal(3, trial.Accepted.Keys);

        // Another judge has nothing of it: two vouchers, then the rest under the last key.
        trial.Do(Act.GoBack);
        trial.Drain();
        Assert.Equal(3, trial.Accepted.Keys);
    }

    [Fact]
    public void A_change_that_there_is_no_room_for_is_not_begun_and_can_be_said_again()
    {
        var trial = new Trial();
        for (int i = 0; i < Logbook.VouchersMax; i++)
        {
            trial.Do(Act.Change);
            trial.Do(Act.Accept);
        }

        Assert.False(trial.Log.ChangeKey(trial.Now, new byte[32]));
        trial.Do(Act.Write);
        trial.Do(Act.Settle);
        Assert.True(trial.Log.ChangeKey(trial.Now, new byte[32]));
        Assert.True(trial.Log.ChangeKey(trial.Now, new byte[32])); // Again: it is written.
    }

    // What a judge has: so many blocks, signed by so many keys.
    private sealed record Standing(ulong Blocks, int Keys);

    private sealed class Trial
    {
        private readonly List<LogFact> _facts = [];
        private readonly List<Standing> _heads = [new(0, 1)];
        private int _made = 1;

        public Trial()
        {
            Log = New();
            Log.Attest(Now, new Entry.Booted(1, default, []));
        }

        public Logbook Log { get; private set; }

        public Instant Now { get; private set; } = new(10_000_000);

        public Standing Accepted { get; private set; } = new(0, 1);

        public void Do(Act act)
        {
            Now += TimeSpan.FromMinutes(2);
            switch (act)
            {
                case Act.Write:
                    Log.Attest(Now, new Entry.Counted(Resource.Cargo, 1));
                    break;
                case Act.Change:
                    _made += Log.ChangeKey(Now, KeyOf(_made + 1)) ? 1 : 0;
                    break;
                case Act.Accept:
                    Offer(0);
                    break;
                case Act.Settle:
                    Offer(ulong.MaxValue);
                    break;
                case Act.GoBack:
                    Accepted = _heads.First(head => head.Blocks >= Log.Safe);
                    Log.Rebase(Accepted.Blocks);
                    break;
                case Act.GoOn:
                    Accepted = _heads.MaxBy(head => head.Blocks)!;
                    Log.Rebase(Accepted.Blocks);
                    break;
                case Act.Replay:
                    Logbook played = New();
                    _facts.ForEach(played.Apply);
                    Assert.Equal(State(Log), State(played));
                    Log = played;
                    break;
                default:
                    Logbook restored = New();
                    byte[] bytes = State(Log);
                    var reader = new CborReader(bytes);
                    restored.Shape(ref reader);
                    Assert.Null(reader.Error);
                    Assert.Equal(bytes, State(restored));
                    Log = restored;
                    break;
            }
        }

        // Until everything is with the judge, whoever it is.
        public void Drain()
        {
            for (int i = 0; Log.HasNews; i++)
            {
                Assert.InRange(i, 0, 100);
                Offer(0);
            }

            Assert.False(Log.IsChanging);
            Assert.Equal(Log.Blocks, Accepted.Blocks);
        }

        private void Offer(ulong safe)
        {
            if (!Log.HasOffer && Log.AskSignature(Now))
            {
                Assert.True(Log.Sign(Log.ToSign().Blocks, new byte[64]));
            }

            if (Log.Offer(Now, reminds: true) is not { } offer)
            {
                return;
            }

            Assert.Equal(Accepted.Blocks, offer.Accepted);
            Assert.True(SignedNote.TryParse(offer.Note, out SignedNote? note, out _));
            Assert.True(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _));
            Assert.Equal(offer.Blocks, checkpoint.Head.Size);
            NoteKey signs = NoteKey.Ed25519(Checkpoint.OriginOf(_author), KeyOf(Accepted.Keys));
            Assert.NotNull(note.Find(signs));
            int keys = Accepted.Keys;
            foreach (byte[] changed in ChangesIn(offer))
            {
                Assert.Equal(KeyOf(++keys), changed);
            }

            Assert.InRange(keys, Accepted.Keys, Accepted.Keys + 1); // Never two under one head.
            Accepted = new Standing(offer.Blocks, keys);
            if (_heads.All(head => head.Blocks != offer.Blocks))
            {
                _heads.Add(Accepted);
            }

            Log.Receive(
                offer.Blocks, checkpoint.Head.Root.ToArray(), Math.Min(safe, Accepted.Blocks));
            Assert.Equal(Accepted.Blocks, Log.Received);
        }

        private List<byte[]> ChangesIn(ReturnOffered offer)
        {
            var upload = new List<byte>();
            while (Log.Admit(Now, offer.Blocks, upload.Count) is { } part)
            {
                upload.AddRange(part.Bytes);
            }

            var changes = new List<byte[]>();
            byte[] bytes = [.. upload];
            for (int at = 0; at < bytes.Length;)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
                Assert.True(CborReader.TryRead(bytes.AsMemory(at + 4, length), out Block? block, out _));
                changes.AddRange(block.Entries.Select(stamped => stamped.Entry)
                    .OfType<Entry.KeyChanged>().Select(changed => changed.PublicKey));
                at += 4 + length;
            }

            return changes;
        }

        private Logbook New() => new(_author, KeyOf(1), fact =>
        {
            _facts.Add(fact);
            Log!.Apply(fact);
        });

        private static byte[] KeyOf(int number) => [.. Enumerable.Repeat((byte)number, 32)];

        private static byte[] State(Logbook log)
        {
            var buffer = new ByteBuffer();
            var writer = new CborWriter(buffer);
            log.Shape(ref writer);
            return buffer.Written.ToArray();
        }
    }
}
