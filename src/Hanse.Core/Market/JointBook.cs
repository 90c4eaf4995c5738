using System;
using System.Collections.Generic;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>How far each joint work of a market is.</summary>
/// <remarks>Limits: no more works than open bounties. A work is forgotten with its last open bounty; parts
/// that come after that are a work of their own, which lacks the others.</remarks>
internal sealed class JointBook
{
    private readonly SortedDictionary<uint, Standing> _works = [];

    /// <summary>The nodes that are held back, for one work at a time; null for none.</summary>
    public JointHold? Hold { get; private set; }

    /// <summary>The works with an open bounty.</summary>
    public IReadOnlyCollection<uint> Works => _works.Keys;

    /// <summary>Whether any of them will not be whole any more.</summary>
    public bool HasBroken
    {
        get
        {
            bool hasBroken = false;
            foreach (Standing work in _works.Values)
            {
                hasBroken |= work.IsBroken;
            }

            return hasBroken;
        }
    }

    /// <summary>Whether a bounty can be a part of its work: the others have as many parts as it
    /// says.</summary>
    public bool Fits(JointWork joint) =>
        joint.IsNone || !_works.TryGetValue(joint.Number, out Standing? work)
        || work.Parts == joint.Parts;

    /// <summary>Whether nothing of it was ever given.</summary>
    public bool IsUnbegun(uint work) => _works.TryGetValue(work, out Standing? found) && !found.IsBegun;

    /// <summary>Whether all of its parts have come.</summary>
    public bool IsComplete(uint work) =>
        _works.TryGetValue(work, out Standing? found) && found.Opened == found.Parts;

    /// <summary>Whether any of its parts is open.</summary>
    public bool IsOpen(uint work) => _works.ContainsKey(work);

    /// <summary>Whether it will not be whole any more.</summary>
    public bool IsBroken(uint work) => _works.TryGetValue(work, out Standing? found) && found.IsBroken;

    /// <summary>Cycles in a row that asked for what was missing of a work that has begun.</summary>
    public int Short(uint work) => _works[work].Short;

    /// <summary>A part was opened.</summary>
    /// <param name="joint">Its work.</param>
    /// <param name="isAdopted">Whether another hub began it: then those parts that do not come are
    /// over.</param>
    public void Open(JointWork joint, bool isAdopted)
    {
        if (!joint.IsNone)
        {
            Standing work = _works.GetValueOrDefault(joint.Number)
                ?? new Standing(joint.Parts, 0, 0, false, false, 0, 0);
            _works[joint.Number] = work with
            {
                Open = work.Open + 1,
                Opened = isAdopted ? work.Parts : Math.Min(work.Parts, work.Opened + 1),
            };
        }
    }

    /// <summary>Some of it was given to somebody.</summary>
    public void Begin(JointWork joint)
    {
        if (!joint.IsNone)
        {
            _works[joint.Number] = _works[joint.Number] with { IsBegun = true };
            EndHold(joint.Number);
        }
    }

    /// <summary>How often nodes were held back for it.</summary>
    public int Turns(uint work) => _works[work].Turns;

    /// <summary>Nodes are held back for a work: its turn begins, or goes on.</summary>
    public void Keep(JointHold hold)
    {
        Invariant.Holds(IsUnbegun(hold.Work) && (Hold is null || Hold.Work == hold.Work));
        if (Hold is null)
        {
            _works[hold.Work] = _works[hold.Work] with { Turns = _works[hold.Work].Turns + 1 };
        }

        Hold = hold;
    }

    /// <summary>Nobody is held back for it any more.</summary>
    public void EndHold(uint work) => Hold = Hold?.Work == work ? null : Hold;

    /// <summary>A cycle was opened, and asks for some of a work that has begun, or does not have
    /// to.</summary>
    public void Ask(uint work, bool isMissing) =>
        _works[work] = _works[work] with { Short = isMissing ? _works[work].Short + 1 : 0 };

    /// <summary>It will not be whole any more.</summary>
    public void Break(uint work)
    {
        _works[work] = _works[work] with { IsBroken = true };
        EndHold(work);
    }

    /// <summary>A part is over.</summary>
    public void Close(JointWork joint)
    {
        if (joint.IsNone)
        {
            return;
        }

        Standing work = _works[joint.Number];
        if (work.Open == 1)
        {
            _ = _works.Remove(joint.Number);
            EndHold(joint.Number);
        }
        else
        {
            _works[joint.Number] = work with { Open = work.Open - 1 };
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("joints", 2);
        codec.Table(
            "jointWorks",
            _works,
            static (ref TCodec c, uint key) => (uint)c.Integer("work", key, 1, uint.MaxValue),
            static (ref TCodec c, Standing value) => Standing.Shape(ref c, value));
        Hold = codec.Optional("hold", Hold);
        codec.Close();
    }

    // Parts, how many are open and how many ever were, whether any was given, whether it is given up, cycles
    // in a row that asked for what is missing, and how often nodes were held back for it.
    private sealed record Standing(
        int Parts, int Open, int Opened, bool IsBegun, bool IsBroken, int Short, int Turns)
    {
        public static Standing Shape<TCodec>(ref TCodec codec, Standing? value)
            where TCodec : struct, ICodec
        {
            codec.Open("jointWork", 7);
            int parts = (int)codec.Integer("parts", value?.Parts ?? 2, 2, JointWork.PartsMax);
            int open = codec.Number("open", value?.Open ?? 0);
            int opened = (int)codec.Integer("opened", value?.Opened ?? 1, 1, JointWork.PartsMax);
            bool isBegun = codec.Flag("isBegun", value?.IsBegun ?? false);
            bool isBroken = codec.Flag("isBroken", value?.IsBroken ?? false);
            int missing = codec.Number("short", value?.Short ?? 0);
            int turns = codec.Number("turns", value?.Turns ?? 0);
            codec.Close();
            return value ?? new Standing(parts, open, opened, isBegun, isBroken, missing, turns);
        }
    }
}
