using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>One pass over the blocks of a return: everything that follows from the bytes taken so
/// far.</summary>
/// <remarks>The switchboard of layers 1 to 6: an entry goes to each layer it concerns. What is here can be
/// marked and gone back to, when bytes turn out not to be those that were signed; what is counted as work
/// done stays done.</remarks>
internal sealed class UploadWalk
{
    private readonly ReturnRules _rules;
    private readonly DecisionSample _sample;
    private readonly List<Claim> _claims = [];
    private long _blocks;
    private long _entries;

    /// <summary>Begins behind what was accepted.</summary>
    public UploadWalk(
        Party author, ReturnRules rules, AcceptedState accepted, HubRecords records, Instant offeredAt,
        Digest nonce, int sharePpm, RegionFold? region)
    {
        _rules = rules;
        _sample = new DecisionSample(nonce, sharePpm);
        Region = region;
        Continuous = new Continuous(author, rules, accepted, offeredAt);
        Keys = new KeyChain(author, accepted);
        Software = new ApprovedSoftware(accepted, records.Approvals);
        Books = new Conserved(rules, accepted, records);
        Plausible = new Plausible(new NodeId(author.Number), rules, accepted, records);
    }

    /// <summary>Layer 2.</summary>
    public Continuous Continuous { get; }

    /// <summary>Layer 3, as far as it follows from the blocks.</summary>
    public KeyChain Keys { get; }

    /// <summary>Layer 4.</summary>
    public ApprovedSoftware Software { get; }

    /// <summary>Layer 5.</summary>
    public Conserved Books { get; }

    /// <summary>Layer 6.</summary>
    public Plausible Plausible { get; }

    /// <summary>Layers 5 and 6 for a hub; null for a node.</summary>
    public RegionFold? Region { get; }

    /// <summary>What layer 8 draws from.</summary>
    public RawSegments Segments { get; } = new();

    /// <summary>What was found.</summary>
    public Findings Findings { get; } = new();

    /// <summary>Decisions of the last block that are to be taken again.</summary>
    public List<Replay> Chosen { get; } = [];

    /// <summary>Next of the offered notes to be reached.</summary>
    public int NextNote { get; set; }

    /// <summary>Decisions met.</summary>
    public long Decisions { get; private set; }

    /// <summary>Entries met.</summary>
    public long Entries => _entries;

    /// <summary>Blocks met.</summary>
    public long Blocks => _blocks;

    /// <summary>What the merge has to judge.</summary>
    public ReturnClaims Claims => new([.. _claims]);

    /// <summary>Takes one block.</summary>
    /// <param name="bytes">The whole block.</param>
    /// <param name="leaf">Its hash.</param>
    /// <returns>Why it cannot be the next block, so that it is damaged or a lie; null when it can.</returns>
    public ReasonCode? Take(ReadOnlyMemory<byte> bytes, Digest leaf)
    {
        Chosen.Clear();
        var block = new BlockScanner(bytes);
        if (block.Failed)
        {
            return block.IsUnknownSchema ? ReasonCode.SchemaUnknown : ReasonCode.BlockMalformed;
        }

        if (Continuous.Begin(ref block, Findings) is { } fault)
        {
            return fault;
        }

        bool mustBoot = Continuous.MustBoot(ref block);
        if (block.Count == 0 && mustBoot)
        {
            Continuous.MissBoot(ref block, Findings);
        }

        while (block.Next())
        {
            _entries++;
            Instant at = Continuous.Stamp(ref block);
            var spot = new Spot(block.Number, block.Place);
            bool isBoot = block.Kind == EntryKind.Other && block.Entry is Entry.Booted;
            if (block.Place == 0 && mustBoot && !isBoot)
            {
                Continuous.MissBoot(ref block, Findings);
            }

            if (!Dispatch(ref block, at, spot))
            {
                return ReasonCode.ObservationsMalformed;
            }

            if (block.Place == 0)
            {
                Software.Run(at, spot, Findings);
            }
        }

        if (block.Failed)
        {
            return ReasonCode.BlockMalformed;
        }

        Continuous.End(leaf, Findings);
        _blocks++;
        return null;
    }

    /// <summary>The last block was taken.</summary>
    public void Close()
    {
        var spot = new Spot(Continuous.Size, 0);
        Plausible.Advance(Continuous.At, Books, spot, Findings);
        Books.Close(Continuous.At, spot, Findings);
        Plausible.Close(spot, Findings);
    }

    /// <summary>Walks the state, for snapshots and marks.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("walk", 14);
        _sample.Shape(ref codec);
        Continuous.Shape(ref codec);
        Keys.Shape(ref codec);
        Software.Shape(ref codec);
        Books.Shape(ref codec);
        Plausible.Shape(ref codec);
        Segments.Shape(ref codec);
        Findings.Shape(ref codec);
        NextNote = codec.Number("nextNote", NextNote);
        Decisions = codec.Integer("decisions", Decisions, 0, long.MaxValue);
        _entries = codec.Integer("entries", _entries, 0, long.MaxValue);
        _blocks = codec.Integer("blocks", _blocks, 0, long.MaxValue);
        ImmutableArray<Claim> claims = codec.List("claims", [.. _claims], ReturnClaims.ItemsMax);
        _ = codec.OpenList("region", Region is null ? 0 : 1, 1);
        Region?.Shape(ref codec);
        codec.CloseList();
        codec.Close();
        if (codec.IsReading)
        {
            _claims.Clear();
            _claims.AddRange(claims);
        }
    }

    // False when packed readings do not unpack, which the block's own reader cannot see.
    private bool Dispatch(ref BlockScanner block, Instant at, Spot spot)
    {
        switch (block.Kind)
        {
            case EntryKind.Observed:
                return Plausible.Observe(block.From, block.Packed.Span);
            case EntryKind.Decided:
                Decide(ref block, at, spot);
                break;
            case EntryKind.Moved:
                Plausible.Advance(at, Books, spot, Findings);
                Plausible.Move(block.Resource, block.Cause, block.Amount, at, spot, Findings);
                DockingRecord? half = Books.Move(
                    block.Resource, block.Cause, block.Amount, block.Reference, at, spot, Findings);
                See(half, block.Amount, at, spot);
                bool isMended = block.Cause == Cause.Repaired && Books.IsField(block.Reference);
                if (half is { Resource: Resource.Cargo } || isMended)
                {
                    Claim(
                        new Entry.Moved(block.Resource, block.Cause, block.Amount, block.Reference), at,
                        spot);
                }

                break;
            case EntryKind.Counted:
                Plausible.Advance(at, Books, spot, Findings);
                Books.Count(block.Resource, block.Amount, spot, Findings);
                break;
            default:
                Other(ref block, at, spot);
                break;
        }

        return true;
    }

    private void Decide(ref BlockScanner block, Instant at, Spot spot)
    {
        Decisions++;
        bool isTaken = _sample.Takes(block.Class);
        if (Software.Decide(block.Skill, at, spot, Findings) is { } skill && isTaken && !Findings.IsGrave)
        {
            Chosen.Add(new Replay(spot, skill, block.Input.ToArray(), block.Output.ToArray()));
            for (int i = 0; i < block.CiteCount; i++)
            {
                Segments.Cite(block.Cite(i));
            }
        }
    }

    private void Other(ref BlockScanner block, Instant at, Spot spot)
    {
        switch (block.Entry)
        {
            case Entry.Booted booted:
                Continuous.Take(booted, ref block, Findings);
                Software.Take(booted);
                break;
            case Entry.KeyChanged(var key):
                Keys.Change(key, spot, Findings);
                break;
            case Entry.ClockStepped step:
                Continuous.Take(step, spot, Findings);
                break;
            case Entry.Gap gap:
                Continuous.Take(gap, spot, Findings);
                break;
            case Entry.RawSealed seal:
                Continuous.Take(seal, spot, Findings);
                Seal(seal, spot);
                break;
            case Entry.Unloaded unloaded:
                Plausible.Advance(at, Books, spot, Findings);
                See(Books.Unload(unloaded, at, spot, Findings), unloaded.Claimed.Value, at, spot);
                Claim(unloaded, at, spot);
                break;
            case Entry.LeaseTaken or Entry.LeaseLeft or Entry.QuotaSpent or Entry.Sighted:
                Claim(block.Entry, at, spot);
                break;
            case Entry.Regional(var what):
                Region?.Take(what, new Finder(Findings, spot, at));
                break;
            default:
                break; // A plan is the twin's affair.
        }
    }

    private void See(DockingRecord? record, long claimed, Instant at, Spot spot)
    {
        if (record is not null)
        {
            Plausible.See(record, claimed, at, spot, Findings);
        }
    }

    private void Seal(Entry.RawSealed seal, Spot spot)
    {
        if (Segments.Count < _rules.SegmentsMax)
        {
            Segments.Seal(seal, spot.Block);
        }
        else
        {
            Findings.Add(ReasonCode.LimitExceeded, spot, _rules.SegmentsMax, Segments.Count + 1);
        }
    }

    private void Claim(Entry entry, Instant at, Spot spot)
    {
        if (_claims.Count < ReturnClaims.ItemsMax)
        {
            _claims.Add(new Claim(at, spot.Block, entry));
        }
        else
        {
            Findings.Add(ReasonCode.LimitExceeded, spot, ReturnClaims.ItemsMax, _claims.Count + 1);
        }
    }
}
