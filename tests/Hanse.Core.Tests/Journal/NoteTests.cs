using System;
using System.Linq;
using System.Text;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Journal;

/// <summary>Checkpoints, signed notes and their keys as text.</summary>
public sealed class NoteTests
{
    private static readonly TreeHead _head = new(43_200, MerkleTree.LeafHash([7]));

    private static readonly NoteKey _key =
        NoteKey.Ed25519(Checkpoint.OriginOf(Party.Of(new NodeId(7))), new byte[NoteKey.Ed25519Length]);

    private static byte[] Note
    {
        get
        {
            var checkpoint = new Checkpoint(_key.Name, _head, ["a line for others"]);
            return SignedNote.Of(checkpoint.ToText(), _key, new byte[64]).ToBytes();
        }
    }

    [Fact]
    public void A_checkpoint_is_three_lines_and_reads_back()
    {
        var checkpoint = new Checkpoint("hanse/node/7", _head);
        string[] lines = checkpoint.ToText().Split('\n');
        Assert.Equal(["hanse/node/7", "43200", Convert.ToBase64String(_head.Root.ToArray()), ""], lines);
        Assert.True(Checkpoint.TryParse(checkpoint.ToText(), out Checkpoint? read, out _));
        Assert.Equal(checkpoint, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hanse/node/7\n1\n")]
    [InlineData("\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("hanse node\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n9223372036854775808\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n1\n2\n3\n4\n5\n6\n7\n8\n9\n")]
    public void What_is_no_checkpoint_is_refused_with_a_reason(string text)
    {
        Assert.False(Checkpoint.TryParse(text, out _, out DecodeError? error));
        Assert.NotEmpty(error!.Reason);
    }

    [Fact]
    public void Eight_extensions_are_allowed()
    {
        var checkpoint = new Checkpoint("a", _head, ["1", "2", "3", "4", "5", "6", "7", "8"]);
        Assert.True(Checkpoint.TryParse(checkpoint.ToText(), out Checkpoint? read, out _));
        Assert.Equal(checkpoint, read);
    }

    [Fact]
    public void A_note_reads_back_and_its_signature_is_found_among_those_of_others()
    {
        NoteKey other = NoteKey.Ed25519("witness.example", [.. Enumerable.Repeat((byte)1, 32)]);
        NoteKey stranger = NoteKey.Ed25519(_key.Name, [.. Enumerable.Repeat((byte)2, 32)]);
        var note = new SignedNote("a text\n\nin two parts\n",
        [
            new NoteSignature(other.Name, other.KeyId, [1, 2]),
            new NoteSignature(_key.Name, _key.KeyId, [.. Enumerable.Range(0, 64).Select(i => (byte)i)]),
        ]);
        Assert.True(SignedNote.TryParse(note.ToBytes(), out SignedNote? read, out _));
        Assert.Equal("a text\n\nin two parts\n", read.Text);
        Assert.Equal(64, read.Find(_key)!.Signature.Length);
        Assert.Null(read.Find(stranger));
        Assert.Equal(note.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void A_key_reads_back_and_its_id_must_be_its_own()
    {
        Assert.True(NoteKey.TryParse(_key.ToString(), out NoteKey? read, out _));
        Assert.Equal(_key, read);
        string text = _key.ToString();
        int id = text.IndexOf('+', StringComparison.Ordinal) + 1;
        Assert.False(NoteKey.TryParse(text[..id] + "00000000" + text[(id + 8)..], out _, out _));
        Assert.False(NoteKey.TryParse(text.ToUpperInvariant(), out _, out _));
    }

    [Fact]
    public void Whatever_is_accepted_is_the_one_spelling_of_its_note() =>
        Gen.Select(Gen.Int[0, 400], Gen.Byte, Gen.Int[0, 3]).Sample((at, part, how) =>
        {
            byte[] bytes = Mutations.Of(Note, at, part, how);
            bool isRead = SignedNote.TryParse(bytes, out SignedNote? note, out DecodeError? error);
            Assert.Equal(isRead, error is null);
            Assert.True(!isRead || note!.ToBytes().AsSpan().SequenceEqual(bytes));
            if (isRead && Checkpoint.TryParse(note!.Text, out Checkpoint? checkpoint, out _))
            {
                Assert.Equal(note.Text, checkpoint.ToText());
            }
        }, iter: 20_000);

    [Fact]
    public void A_note_of_hostile_size_is_refused()
    {
        Assert.False(SignedNote.TryParse(new byte[SignedNote.BytesMax + 1], out _, out _));
        string line = "— a AAAAAAA=\n";
        Assert.True(IsNote("a\n\n" + string.Concat(Enumerable.Repeat(line, SignedNote.SignaturesMax))));
        Assert.False(IsNote("a\n\n" + string.Concat(Enumerable.Repeat(line, SignedNote.SignaturesMax + 1))));

        static bool IsNote(string text) => SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out _, out _);
    }
}
