using System;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.Core.Node;

/// <content>Machines that the node has built, and the end of its own service.</content>
public sealed partial class NodeAgent
{
    /// <summary>How long it waits before it asks again for numbers that it was not given.</summary>
    private static readonly TimeSpan _askAgain = TimeSpan.FromDays(1);

    private readonly ParentBook _parent = new();

    /// <summary>What it may bear and has borne, to look at.</summary>
    public ParentBook Parent => _parent;

    /// <summary>Whether it was told to take on nothing more.</summary>
    public bool IsRetiring { get; private set; }

    /// <summary>Whether its service is over: it calls nobody any more.</summary>
    public bool IsRetired { get; private set; }

    // A machine that has its certificate is given it again.
    private void Bear(Built machine)
    {
        if (_parent.Builds.TryGetValue(machine.Build, out Offspring? known) && known.IsSigned)
        {
            EmitBear(machine.Build, known);
        }
        else if (_parent.IsNews(machine) && !IsRetiring)
        {
            Record(new NodeFact.Birth(new NodeBirthFact.Heard(machine)));
        }
    }

    private void Certify(uint build, byte[] signature)
    {
        if (signature.Length == SignedBirth.SignatureLength
            && _parent.Builds.TryGetValue(build, out Offspring? known)
            && known is { Certificate: not null, IsSigned: false })
        {
            EmitBear(build, known with { Signature = signature });
            Record(new NodeFact.Birth(new NodeBirthFact.Signed(build, signature)));
        }
    }

    private void Hear(Instant now, BirthLeased lease)
    {
        if (_parent.IsAnswer(lease))
        {
            Record(new NodeFact.Birth(lease.IsGiven
                ? new NodeBirthFact.Lent(Region, lease, now) : new NodeBirthFact.Declined(now + _askAgain)));
        }
    }

    // Machines get numbers as long as there are any, and more are asked for.
    private void CareForBuilt(Instant now)
    {
        while (!IsRetiring
            && _parent.Next(now, now + Spec.Rules.ClockErrorMax, Spec.Node) is var (build, certificate))
        {
            Record(new NodeFact.Birth(new NodeBirthFact.Certified(build, certificate)));
            _outbox.Emit(new NodeEffect.SignBirth(build, certificate.ToSign()));
        }

        if (!IsRetiring && IsEnrolled && _parent.NextAsk <= now)
        {
            BirthAsked question = _parent.Question();
            if (_link.Queue(question, Priority.Contract, Instant.Never))
            {
                Record(new NodeFact.Birth(new NodeBirthFact.Asked(question)));
            }
        }
    }

    private Instant NextCare(Instant now) =>
        IsRetiring || !IsEnrolled || _parent.NextAsk == Instant.Never
            ? Instant.Never : Instant.Max(now + TimeSpan.FromMinutes(1), _parent.NextAsk);

    // What may have been lost with a crash. A device that has a certificate takes it again for the same.
    private void RepeatBirths()
    {
        foreach ((uint build, Offspring one) in _parent.Builds)
        {
            if (one.IsSigned)
            {
                EmitBear(build, one);
            }
            else if (one.Certificate is { } certificate)
            {
                _outbox.Emit(new NodeEffect.SignBirth(build, certificate.ToSign()));
            }
        }
    }

    private void EmitBear(uint build, Offspring one) =>
        _outbox.Emit(new NodeEffect.Bear(build, new SignedBirth(one.Certificate!, one.Signature)));

    // Work that it has nothing aboard for is somebody else's; what is aboard it brings to the scale.
    private void Hear(Instant now, Retirement told)
    {
        if (!IsRetiring || (told.IsOver && !IsRetired))
        {
            Record(new NodeFact.Retiring(told.IsOver));
        }

        if (Work is { IsLapsed: false } work && work.Stage < ContractStage.Inbound && _self.IsEmpty(now))
        {
            GiveBack(ReleaseReason.Unable);
        }
    }
}
