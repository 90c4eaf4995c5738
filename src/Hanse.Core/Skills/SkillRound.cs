using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;

namespace Hanse.Core.Skills;

/// <summary>Questions of one function that make one decision: the prices of a sheet of bids.</summary>
/// <remarks>
/// A node is asked for up to sixty prices at a time. Taken for sixty decisions they would fill its journal,
/// and one sheet would be all of a release's trial. So a round is one decision: a release answers all of it
/// or none, one fault is one fault, and one question is kept and attested, drawn by a number that the node
/// does not choose. Nothing is remembered before the round is closed.
/// </remarks>
public sealed class SkillRound
{
    private readonly SkillBay _bay;
    private readonly SkillSlot _slot;
    private readonly ulong _draw;
    private ulong _asked;
    private ulong _least;

    internal SkillRound(SkillBay bay, SkillSlot slot, ulong draw)
    {
        _bay = bay;
        _slot = slot;
        _draw = draw;
    }

    /// <summary>What is asked.</summary>
    public SkillFunction Function => _slot.Function;

    /// <summary>The release that answers; zero when none does.</summary>
    public Digest Skill => _slot.Active;

    /// <summary>Why the release does not answer this round; none while it does.</summary>
    public SkillReason Failure { get; private set; }

    /// <summary>What came of the release in the shadow; null when there is none, or nothing was
    /// asked.</summary>
    public SkillReason? Shadow { get; private set; }

    /// <summary>The question that stands for the round; null before the first.</summary>
    public byte[]? Sample { get; private set; }

    /// <summary>The release's answer to it; null when none answers.</summary>
    public byte[]? SampleOutput { get; private set; }

    /// <summary>Asks.</summary>
    /// <returns>The release's answer; null when there is none, and the core decides.</returns>
    public byte[]? Ask(byte[] question)
    {
        byte[]? output = null;
        if (Skill != default && Failure == SkillReason.None)
        {
            Failure = _bay.Try(_slot, question, out output);
            output = Failure == SkillReason.None ? output : null;
        }

        if (_slot.State == SkillState.Shadowing && (Shadow ?? SkillReason.None) == SkillReason.None)
        {
            Shadow = _bay.TryShadow(_slot, question);
        }

        ulong place = StableHash.Of(_draw, _asked++);
        if (Sample is null || place < _least)
        {
            _least = place;
            Sample = question;
            SampleOutput = output;
        }

        return output;
    }
}
