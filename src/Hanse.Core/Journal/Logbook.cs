using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>A machine's attested journal, from its own side: what it writes, signs, offers and
/// sends.</summary>
/// <remarks>
/// The problem: a node writes when its hub does not listen, a hub when the strategic layer does not, and each
/// must later prove that it wrote then what it shows now. Below, the hub is whoever judges the journal.
/// The idea: entries go into the open block; a block that is a minute old is closed and becomes a leaf; when
/// a window opens the head over all leaves is signed and offered, and the blocks since the last receipt are
/// sent from whatever byte the hub asks for. One return is on offer at a time: what is written meanwhile goes
/// with the next.
/// <para>
/// Invariants. Everything is rebuilt from facts; a block's bytes are a function of its entries. The same head
/// is never signed with two roots, since blocks are only appended. Blocks are kept until they are safe: until
/// whoever would take the node over has them accepted too, since he begins there
/// (<see cref="Rebase"/>). At most <see cref="KeptBytesMax"/> are kept; then those that the hub has received
/// give way first, and beyond that entries are not attested, and a <see cref="Entry.Gap"/> says so as soon as
/// there is room. An offer is at most
/// <see cref="OfferBytesMax"/>; what is left is the next one. Deliberately absent: the durable copy of older
/// blocks and the raw logs, which are the driver's files; signing, which is an effect.
/// </para>
/// <para>
/// A key is changed by an entry (<see cref="ChangeKey"/>). The first head over it is still signed by the key
/// before, which so vouches for the new one, and every later head by the new one. A judge who begins before
/// that head must see it: so it is kept until it is safe, and offered by itself first.
/// </para>
/// </remarks>
public sealed class Logbook
{
    /// <summary>Most bytes of blocks that the hub has not received: two months of a noisy node, years of a
    /// quiet one.</summary>
    public const int KeptBytesMax = 64 * 1024 * 1024;

    /// <summary>Most bytes of one offer: what every hub has room for.</summary>
    public const int OfferBytesMax = 4 * 1024 * 1024;

    /// <summary>Most changes of key that are not safe yet; a further one waits.</summary>
    public const int VouchersMax = 16;

    // A block is closed before another entry could make it longer than a block may be.
    private const int OpenBytesMax = Block.BytesMax - 128;

    // Signing takes a fraction of a millisecond; a driver that needs longer has trouble.
    private static readonly TimeSpan _signingTime = TimeSpan.FromSeconds(5);

    // How long after its last word a hub that has all bytes is asked again in the same window: most verdicts
    // and challenges follow at once.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly Party _author;
    private readonly Action<LogFact> _record;

    // Blocks by number, from the safe ones on.
    private readonly SortedDictionary<ulong, Kept> _blocks = [];

    private readonly List<Stamped> _open = [];

    // Signed heads over a change of key, by size: all that are not safe. And the change that no head is
    // signed over yet: the new key, and the block that it stands in.
    private readonly SortedDictionary<ulong, byte[]> _vouchers = [];
    private byte[] _successor = [];
    private ulong _successorIn;
    private NoteKey _key;

    // The largest head that was ever signed.
    private ulong _signed;

    // The tree over all sealed blocks, the tree that the hub has received, and the tree that nobody will ask
    // for again.
    private readonly Frontier _tree = new();
    private readonly Frontier _safe = new();
    private Frontier _received = new();

    private Instant _openFrom;
    private int _openBytes;
    private uint _boot;
    private long _keptBytes;
    private ulong _asked;
    private Instant _askedAt;
    private ulong _offered;
    private byte[] _note = [];
    private long _offerBytes;
    private long _cursor;
    private Instant _admittedAt;
    private long _streamed;
    private bool _isRewound;
    private Instant _notBefore;
    private Instant? _gapFrom;

    // Derived: what is on offer, as it is said.
    private ReturnOffered? _saying;

    /// <summary>An empty journal.</summary>
    public Logbook(Party author, byte[] publicKey, Action<LogFact> record)
    {
        _author = author;
        _key = NoteKey.Ed25519(Checkpoint.OriginOf(author), publicKey);
        _record = record;
    }

    /// <summary>Blocks written and closed.</summary>
    public ulong Blocks => _tree.Size;

    /// <summary>Blocks that the hub has received.</summary>
    public ulong Received => _received.Size;

    /// <summary>Blocks that nobody will ask for again.</summary>
    public ulong Safe => _safe.Size;

    /// <summary>The key that signs the next head.</summary>
    public ReadOnlySpan<byte> Key => _key.PublicKey;

    /// <summary>The key that signs the head after it; the same unless a change is under way.</summary>
    public ReadOnlySpan<byte> NextKey => IsChanging ? _successor : Key;

    /// <summary>Whether a change of key is written and not vouched for yet.</summary>
    public bool IsChanging => _successor.Length > 0;

    /// <summary>Whether a signed head is on offer.</summary>
    public bool HasOffer => _offered > _received.Size;

    /// <summary>Blocks of the journal under the head that is on offer; zero when none is.</summary>
    public ulong OfferedBlocks => HasOffer ? _offered : 0;

    /// <summary>Whether a head was given to be signed and is not signed yet.</summary>
    public bool AwaitsSignature => _asked > _offered;

    /// <summary>Whether there is neither an offer nor a head that waits for its signature.</summary>
    public bool IsIdle => !HasOffer && !AwaitsSignature;

    /// <summary>Whether anything was written that has not been received.</summary>
    public bool HasNews => _open.Count > 0 || _tree.Size > _received.Size;

    /// <summary>Whether a quarter of the room is left. With less, a machine that must attest what it decides
    /// had better decide nothing.</summary>
    public bool HasRoom => _keptBytes < KeptBytesMax / 4 * 3;

    /// <summary>When a signature was last asked for; the epoch before the first.</summary>
    public Instant AskedAt => _askedAt;

    /// <summary>Whether the judge has not asked to come later with what is on offer.</summary>
    public bool IsWelcome(Instant now) => HasOffer && now >= _notBefore;

    /// <summary>Until when a caller should wait for a signature before it calls without an offer.</summary>
    public Instant WaitsUntil => AwaitsSignature ? _askedAt + _signingTime : Instant.Epoch;

    /// <summary>Whether the hub has begun to take what is on offer and has not judged it: worth another call
    /// in the same window, unless it asked to come back later.</summary>
    public bool IsUnderWay(Instant now) => IsWelcome(now) && _cursor > 0
        && (_cursor < _offerBytes || now < _admittedAt + _patience);

    /// <summary>What the driver must sign: the text of the checkpoint over the blocks asked for.</summary>
    public (ulong Blocks, byte[] Text) ToSign()
    {
        Invariant.Holds(AwaitsSignature);
        return (_asked, Encoding.UTF8.GetBytes(CheckpointOf(_asked).ToText()));
    }

    /// <summary>Another key signs the journal from now on, once the one before has signed a head over
    /// this.</summary>
    /// <returns>Whether it is written. Not while another change is under way, when there is no room, or when
    /// too many changes are not safe yet: then it is to be said again.</returns>
    public bool ChangeKey(Instant now, byte[] publicKey)
    {
        if (NextKey.SequenceEqual(publicKey))
        {
            return true;
        }

        if (IsChanging || _vouchers.Count >= VouchersMax)
        {
            return false;
        }

        Attest(now, new Entry.KeyChanged(publicKey));
        return IsChanging;
    }

    /// <summary>Writes an entry.</summary>
    public void Attest(Instant now, Entry entry)
    {
        if (_keptBytes > KeptBytesMax && _safe.Size < _received.Size)
        {
            _record(new LogFact.Safe(_received.Size));
        }

        if (_keptBytes > KeptBytesMax)
        {
            if (_gapFrom is null)
            {
                _record(new LogFact.GapBegan(now));
            }

            return;
        }

        if (_gapFrom is { } from)
        {
            Write(now, new Entry.Gap(from, now));
        }

        Write(now, entry);
    }

    /// <summary>Closes the open block and asks for a signature, if there is anything new and nothing on
    /// offer.</summary>
    /// <returns>Whether there is something to sign.</returns>
    public bool AskSignature(Instant now)
    {
        if (HasOffer || AwaitsSignature)
        {
            return AwaitsSignature;
        }

        if (_open.Count > 0)
        {
            _record(new LogFact.Sealed());
        }

        if (_tree.Size > _received.Size)
        {
            _record(new LogFact.SignatureAsked(now, NextHead()));
        }

        return AwaitsSignature;
    }

    /// <summary>Takes the signature of a head; one that was not asked for is an old story.</summary>
    /// <returns>Whether there is an offer now.</returns>
    public bool Sign(ulong blocks, byte[] signature)
    {
        if (!AwaitsSignature || blocks != _asked)
        {
            return false;
        }

        byte[] note = SignedNote.Of(CheckpointOf(blocks).ToText(), _key, signature).ToBytes();
        _record(new LogFact.Signed(blocks, note));
        return true;
    }

    /// <summary>What to offer now, or null.</summary>
    /// <param name="now">The time.</param>
    /// <param name="reminds">Whether to offer again what the hub has all of, and has not judged as far as is
    /// known here.</param>
    public ReturnOffered? Offer(Instant now, bool reminds) =>
        !IsWelcome(now) || (_cursor == _offerBytes && !reminds) ? null : _saying ??= Saying();

    /// <summary>What to say of the journal in a call: <see cref="Offer"/>, and the whole upload along with it
    /// while the hub has none of it and one part holds it.</summary>
    public Message[] Offering(Instant now, bool reminds) => Offer(now, reminds) is not { } offer ? []
        : _cursor == 0 && _offerBytes <= JournalPart.BytesMax ? [offer, PartFrom(0)]
        : [offer];

    /// <summary>The hub has so many bytes of a return and asks for the next.</summary>
    /// <returns>The part that begins there; null when the return is an old one or complete.</returns>
    public JournalPart? Admit(Instant now, ulong blocks, long from)
    {
        if (!HasOffer || blocks != _offered || from > _offerBytes)
        {
            return null;
        }

        if (from != _cursor)
        {
            _record(new LogFact.Admitted(now, from));
        }

        return from == _offerBytes ? null : PartFrom(from);
    }

    /// <summary>The hub asks for something of the raw log: the exchange goes on.</summary>
    /// <returns>False when the return is an old one.</returns>
    public bool Ask(Instant now, ulong blocks)
    {
        bool isOffered = HasOffer && blocks == _offered;
        if (isOffered && now > _admittedAt + (_patience / 2))
        {
            _record(new LogFact.Admitted(now, _cursor));
        }

        return isOffered;
    }

    /// <summary>As <see cref="Admit"/>, over a link of many minutes: sends parts ahead of the cursor, so that
    /// no more than one window of them is under way. What is lost is sent again after a
    /// <see cref="Rewind"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="blocks">Which return.</param>
    /// <param name="from">Bytes that the hub has.</param>
    /// <param name="partsMax">The window, in parts.</param>
    public ImmutableArray<JournalPart> Stream(Instant now, ulong blocks, long from, int partsMax)
    {
        // A cursor that goes back while parts are under way was overtaken on the way here: most of all where
        // light takes long. One that went back over damage comes again after a rewind.
        bool isBack = from < _cursor;
        bool isOld = isBack && _streamed > _cursor && !_isRewound;
        if (!HasOffer || blocks != _offered || from > _offerBytes || isOld)
        {
            return [];
        }

        long next = isBack ? from : Math.Max(from, _streamed);
        if (from != _cursor)
        {
            _record(new LogFact.Admitted(now, from));
        }

        ImmutableArray<JournalPart>.Builder parts = ImmutableArray.CreateBuilder<JournalPart>();
        if (_isRewound && from < next)
        {
            parts.Add(PartFrom(from)); // The hub has kept what came behind it.
        }

        while (next < _offerBytes && next - from < partsMax * (long)JournalPart.BytesMax)
        {
            JournalPart part = PartFrom(next);
            parts.Add(part);
            next += part.Bytes.Length;
        }

        if (next != _streamed || _isRewound)
        {
            _record(new LogFact.Streamed(next));
        }

        return parts.ToImmutable();
    }

    /// <summary>What was sent ahead has not all come: the part at the cursor is sent once more.</summary>
    public void Rewind()
    {
        if (_streamed > _cursor && !_isRewound)
        {
            _record(new LogFact.Rewound());
        }
    }

    /// <summary>The hub asked to come back later.</summary>
    public void Defer(ulong blocks, Instant notBefore)
    {
        if (blocks == _offered && notBefore > _notBefore)
        {
            _record(new LogFact.Deferred(notBefore));
        }
    }

    /// <summary>The hub has received blocks; a receipt of another journal's or of an old one does
    /// nothing.</summary>
    /// <param name="blocks">Up to where.</param>
    /// <param name="root">The root over them.</param>
    /// <param name="safe">How many of them nobody will ask for again.</param>
    public void Receive(ulong blocks, ReadOnlySpan<byte> root, ulong safe)
    {
        if (HasOffer && blocks == _offered && Digest.From(root) == HeadOf(blocks).Root)
        {
            _record(new LogFact.Received(blocks));
        }

        ulong upTo = Math.Min(safe, _received.Size);
        if (upTo > _safe.Size)
        {
            _record(new LogFact.Safe(upTo));
        }
    }

    /// <summary>Another judge takes over, who begins from fewer blocks, or has heard of more: what is on
    /// offer is from there on. It never asks for what is safe.</summary>
    public void Rebase(ulong accepted)
    {
        ulong to = Math.Clamp(accepted, _safe.Size, Math.Max(_received.Size, _signed));
        _record(new LogFact.Rebased(to));
    }

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(LogFact fact)
    {
        switch (fact)
        {
            case LogFact.Attested(var at, var entry):
                ApplyAttested(at, entry);
                break;
            case LogFact.Sealed:
                Seal();
                break;
            case LogFact.SignatureAsked(var at, var blocks):
                _asked = blocks;
                _askedAt = at;
                break;
            case LogFact.Signed(var blocks, var note):
                _offered = blocks;
                _signed = Math.Max(_signed, blocks);
                _note = note;
                Vouch();
                BeginOffer();
                break;
            case LogFact.Rebased(var blocks):
                _received = FrontierAt(blocks);
                _ = GoBack();
                BeginOffer();
                break;
            case LogFact.Safe(var blocks):
                while (_safe.Size < blocks)
                {
                    Kept block = _blocks[_safe.Size];
                    _ = _blocks.Remove(_safe.Size);
                    _keptBytes -= block.UploadBytes;
                    _safe.Append(block.Leaf);
                    _ = _vouchers.Remove(_safe.Size);
                }

                break;
            case LogFact.Admitted(var at, var cursor):
                _admittedAt = at;
                _cursor = cursor;
                break;
            case LogFact.Streamed(var to):
                _streamed = to;
                _isRewound = false;
                break;
            case LogFact.Rewound:
                _isRewound = true;
                break;
            case LogFact.Deferred(var notBefore):
                _notBefore = notBefore;
                break;
            case LogFact.Received(var blocks):
                _saying = null;
                while (_received.Size < blocks)
                {
                    _received.Append(_blocks[_received.Size].Leaf);
                }

                if (!HasOffer && GoBack())
                {
                    BeginOffer();
                }

                break;
            case LogFact.GapBegan(var at):
                _gapFrom = at;
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("logbook", 25);
        codec.Table(
            "blocks",
            _blocks,
            static (ref TCodec c, ulong key) => c.Count("number", key),
            static (ref TCodec c, Kept value) =>
            {
                byte[] bytes = c.Bytes("block", value.Bytes ?? [], Block.BytesMax);
                Digest leaf = c.IsReading ? MerkleTree.LeafHash(bytes) : value.Leaf;
                return new Kept(
                    bytes, leaf, c.Moment("from", value.From), c.Number("decisions", value.Decisions));
            });
        ImmutableArray<Stamped> open = codec.List("open", [.. _open], Block.EntriesMax);
        _open.Clear();
        _open.AddRange(open);
        _tree.Shape(ref codec);
        _safe.Shape(ref codec);
        _received.Shape(ref codec);
        _openFrom = codec.Moment("openFrom", _openFrom);
        _openBytes = codec.Number("openBytes", _openBytes);
        _boot = (uint)codec.Integer("boot", _boot, 0, uint.MaxValue);
        _keptBytes = codec.Integer("keptBytes", _keptBytes, 0, long.MaxValue);
        _asked = codec.Count("asked", _asked);
        _askedAt = codec.Moment("askedAt", _askedAt);
        _offered = codec.Count("offered", _offered);
        _offerBytes = codec.Integer("offerBytes", _offerBytes, 0, long.MaxValue);
        _cursor = codec.Integer("cursor", _cursor, 0, long.MaxValue);
        _admittedAt = codec.Moment("admittedAt", _admittedAt);
        _streamed = codec.Integer("streamed", _streamed, 0, long.MaxValue);
        _isRewound = codec.Flag("isRewound", _isRewound);
        _note = codec.Bytes("note", _note, SignedNote.BytesMax);
        _notBefore = codec.Moment("notBefore", _notBefore);
        long gap = codec.Integer("gapFrom", _gapFrom?.Micros ?? -1, -1, long.MaxValue);
        _gapFrom = gap < 0 ? null : new Instant(gap);
        byte[] key = codec.Bytes("key", _key.PublicKey, NoteKey.Ed25519Length);
        _key = key.Length == NoteKey.Ed25519Length ? NoteKey.Ed25519(_key.Name, key) : _key;
        _successor = codec.Bytes("successor", _successor, NoteKey.Ed25519Length);
        _successorIn = codec.Count("successorIn", _successorIn);
        _signed = codec.Count("signed", _signed);
        codec.Table(
            "vouchers",
            _vouchers,
            static (ref TCodec c, ulong size) => c.Count("blocks", size),
            static (ref TCodec c, byte[] note) => c.Bytes("note", note ?? [], SignedNote.BytesMax));
        codec.Close();
        _saying = null;
    }

    // The head that was signed is the first over a change of key: that is in force now.
    private void Vouch()
    {
        if (IsChanging && _offered > _successorIn)
        {
            _vouchers.Add(_offered, _note);
            _key = NoteKey.Ed25519(_key.Name, _successor);
            _successor = [];
        }
    }

    // To whoever begins before a change of key the head that vouches for it is offered first. What was signed
    // after that is signed again, over the same blocks.
    private bool GoBack()
    {
        foreach ((ulong size, byte[] note) in _vouchers)
        {
            if (size > _received.Size)
            {
                (_offered, _asked, _note) = (size, size, note);
                return true;
            }
        }

        return false;
    }

    private ReturnOffered Saying()
    {
        var added = new List<Digest>();
        int decisions = 0;
        foreach (Kept block in Offered())
        {
            added.Add(block.Leaf);
            decisions += block.Decisions;
        }

        return new ReturnOffered(
            _offered,
            _received.Size,
            _offerBytes,
            _blocks[_received.Size].From.FloorSecond,
            decisions,
            _note,
            _received.Size == 0 ? [] : CborWriter.Bytes(Continuation.Proof(_received, added.ToArray())));
    }

    // The longest run of closed blocks that one offer may bring; at least one.
    private ulong NextHead()
    {
        ulong number = _received.Size;
        long bytes = _blocks[number].UploadBytes;
        for (number++; number < _tree.Size; number++)
        {
            bytes += _blocks[number].UploadBytes;
            if (bytes > OfferBytesMax)
            {
                break;
            }
        }

        return number;
    }

    private void Write(Instant now, Entry entry)
    {
        bool isOver = _open.Count > 0
            && (now - _openFrom >= TimeSpan.FromMilliseconds(Block.MillisecondsMax)
                || _open.Count == Block.EntriesMax
                || _openBytes + SizeOf(entry) > OpenBytesMax
                || entry is Entry.Booted);
        if (isOver)
        {
            _record(new LogFact.Sealed());
        }

        _record(new LogFact.Attested(now, entry));
    }

    private void ApplyAttested(Instant at, Entry entry)
    {
        _boot = entry is Entry.Booted booted ? booted.Boot : _boot;
        _gapFrom = entry is Entry.Gap ? null : _gapFrom;
        if (_open.Count == 0)
        {
            _openFrom = at;
        }

        if (entry is Entry.KeyChanged(var key))
        {
            (_successor, _successorIn) = (key, _tree.Size);
        }

        _open.Add(new Stamped((int)((at.Micros - _openFrom.Micros) / 1000), entry));
        _openBytes += SizeOf(entry);
    }

    // Blocks on offer, in order.
    private IEnumerable<Kept> Offered()
    {
        for (ulong number = _received.Size; number < _offered; number++)
        {
            yield return _blocks[number];
        }
    }

    private JournalPart PartFrom(long from)
    {
        byte[] part = new byte[Math.Min(JournalPart.BytesMax, _offerBytes - from)];
        long at = 0;
        Span<byte> length = stackalloc byte[4];
        foreach (Kept block in Offered())
        {
            BinaryPrimitives.WriteInt32BigEndian(length, block.Bytes.Length);
            Copy(length, at, from, part);
            Copy(block.Bytes, at + 4, from, part);
            at += block.UploadBytes;
        }

        return new JournalPart(_offered, from, part);
    }

    private Checkpoint CheckpointOf(ulong blocks) => new(Checkpoint.OriginOf(_author), HeadOf(blocks));

    // Blocks may have been closed since the head was given to be signed.
    private TreeHead HeadOf(ulong blocks)
    {
        if (blocks == _tree.Size)
        {
            return _tree.Head;
        }

        return FrontierAt(blocks).Head;
    }

    // The tree over so many blocks, none fewer than are safe.
    private Frontier FrontierAt(ulong blocks)
    {
        Frontier tree = (blocks >= _received.Size ? _received : _safe).Copy();
        for (ulong number = tree.Size; number < blocks; number++)
        {
            tree.Append(_blocks[number].Leaf);
        }

        return tree;
    }

    private void BeginOffer()
    {
        _saying = null;
        _notBefore = default;
        _cursor = 0;
        _streamed = 0;
        _isRewound = false;
        _offerBytes = 0;
        foreach (Kept block in Offered())
        {
            _offerBytes += block.UploadBytes;
        }
    }

    private void Seal()
    {
        var block = new Block(_author, _boot, _tree.Size, _openFrom, [.. _open]);
        byte[] bytes = CborWriter.Bytes(block);
        Invariant.Holds(bytes.Length <= Block.BytesMax);
        int decisions = 0;
        foreach (Stamped stamped in _open)
        {
            decisions += stamped.Entry is Entry.Decided ? 1 : 0;
        }

        var kept = new Kept(bytes, MerkleTree.LeafHash(bytes), _openFrom, decisions);
        _blocks.Add(_tree.Size, kept);
        _keptBytes += kept.UploadBytes;
        _tree.Append(kept.Leaf);
        _open.Clear();
        _openBytes = 0;
    }

    // An entry and its stamp.
    private static int SizeOf(Entry entry)
    {
        var sizer = default(CborSizer);
        _ = Entry.Shape(ref sizer, entry);
        return sizer.Size + 8;
    }

    // What of a run of bytes, which stands at a place of the upload, falls into the part.
    private static void Copy(ReadOnlySpan<byte> bytes, long at, long from, Span<byte> part)
    {
        long begin = Math.Max(at, from);
        long end = Math.Min(at + bytes.Length, from + part.Length);
        if (begin < end)
        {
            bytes[(int)(begin - at)..(int)(end - at)].CopyTo(part[(int)(begin - from)..]);
        }
    }

    // A closed block that is not safe.
    private readonly record struct Kept(byte[] Bytes, Digest Leaf, Instant From, int Decisions)
    {
        // With its length in front.
        public int UploadBytes => 4 + Bytes.Length;
    }
}
