using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Layer 4: every decision names software that this node was authorised to run then, on a core that
/// was.</summary>
/// <remarks>What was sent to a node says nothing; what it runs is what its journal says at every boot. An
/// approval that was found is kept beside its digest, since a month has 43,200 decisions and few
/// skills.</remarks>
internal sealed class ApprovedSoftware
{
    private readonly ImmutableArray<Approval> _approvals;
    private Digest _core;
    private ImmutableArray<Digest> _skills;

    // The approval last found for each skill of the manifest, and for the core at the end.
    private Approval?[] _found;

    /// <summary>Goes on from what was accepted.</summary>
    public ApprovedSoftware(AcceptedState accepted, ImmutableArray<Approval> approvals)
    {
        _approvals = approvals;
        _core = accepted.Core;
        _skills = accepted.Skills;
        _found = new Approval?[_skills.Length + 1];
    }

    /// <summary>Measured digest of the core.</summary>
    public Digest Core => _core;

    /// <summary>The manifest.</summary>
    public ImmutableArray<Digest> Skills => _skills;

    /// <summary>Takes what the machine measured when it booted.</summary>
    public void Take(Entry.Booted booted)
    {
        _core = booted.Core;
        _skills = booted.Skills;
        _found = new Approval?[_skills.Length + 1];
    }

    /// <summary>The core runs at this instant.</summary>
    public void Run(Instant at, Spot spot, Findings findings)
    {
        if (!IsApproved(SoftwareClass.Core, _core, at, ref _found[^1]))
        {
            findings.Add(ReasonCode.CoreUnapproved, spot, 0, at.Micros);
        }
    }

    /// <summary>A decision was taken.</summary>
    /// <returns>The digest of its skill; null when it names none.</returns>
    public Digest? Decide(int skill, Instant at, Spot spot, Findings findings)
    {
        if (skill >= _skills.Length)
        {
            findings.Add(ReasonCode.SkillUnknown, spot, _skills.Length - 1, skill);
            return null;
        }

        if (!IsApproved(SoftwareClass.Skill, _skills[skill], at, ref _found[skill]))
        {
            findings.Add(ReasonCode.SkillUnapproved, spot, skill, at.Micros);
        }

        return _skills[skill];
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("software", 2);
        _core = Digest.Field(ref codec, "core", _core);
        _skills = Digest.Fields(ref codec, "skills", _skills, Entry.SkillsMax);
        codec.Close();
        _found = new Approval?[_skills.Length + 1];
    }

    private bool IsApproved(SoftwareClass kind, Digest digest, Instant at, ref Approval? found)
    {
        if (found is not null && found.From <= at && at < found.Until)
        {
            return true;
        }

        foreach (Approval approval in _approvals)
        {
            if (approval.Class == kind && approval.Digest == digest
                && approval.From <= at && at < approval.Until)
            {
                found = approval;
                return true;
            }
        }

        return false;
    }
}
