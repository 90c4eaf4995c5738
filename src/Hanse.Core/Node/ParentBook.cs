using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>A machine that this one has built, as far as it is a node.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Certificate">Which node it is; null while there is no number for it.</param>
/// <param name="Signature">Of the certificate; none while it is not signed.</param>
public sealed record Offspring(Built Machine, BirthCertificate? Certificate, byte[] Signature)
    : IShaped<Offspring>
{
    /// <summary>Whether its certificate is signed.</summary>
    public bool IsSigned => Signature.Length > 0;

    /// <inheritdoc/>
    public static Offspring Shape<TCodec>(ref TCodec codec, Offspring? value)
        where TCodec : struct, ICodec
    {
        codec.Open("offspring", 3);
        Built machine = Built.Shape(ref codec, value?.Machine);
        BirthCertificate? certificate = codec.Optional("certificate", value?.Certificate);
        byte[] signature = codec.Bytes("signature", value?.Signature ?? [], SignedBirth.SignatureLength);
        codec.Close();
        return value ?? new Offspring(machine, certificate, signature);
    }
}

/// <summary>What a node may bear and has borne: numbers lent to it, and machines that it gave them
/// to.</summary>
/// <remarks>
/// Invariant: a number is given once. It is taken from its lease in the fact that makes the certificate, and
/// that fact is durable before anything is signed; so a node that crashes anywhere signs the same again, and
/// never the same number for another key. A machine is known by the device's count: told again, it gets the
/// certificate that it has.
/// </remarks>
public sealed class ParentBook
{
    /// <summary>Machines that wait for a number at most; a further one is not heard, and its device tells of
    /// it again.</summary>
    public const int WaitingMax = 32;

    /// <summary>Machines whose certificates are kept, those built last; enough for a device that was out of
    /// order for long.</summary>
    public const int KeptMax = 64;

    // Leases, and how many of their numbers are given.
    private readonly SortedDictionary<(RegionId Region, ulong Lease), (BirthLeased Lease, uint Given)>
        _leases = [];

    private readonly SortedDictionary<uint, Offspring> _builds = [];

    private BirthAsked? _open;
    private uint _lastAsked;
    private Instant _again;

    // The last machine whose certificate is not kept any more.
    private uint _forgotten;

    /// <summary>Machines, by the device's count.</summary>
    public IReadOnlyDictionary<uint, Offspring> Builds => _builds;

    /// <summary>Numbers that are left to give.</summary>
    public uint Left
    {
        get
        {
            uint left = 0;
            foreach ((BirthLeased lease, uint given) in _leases.Values)
            {
                left += lease.Range.Count - given;
            }

            return left;
        }
    }

    /// <summary>When it asks for numbers again; never while it waits for nothing, or for an answer.</summary>
    internal Instant NextAsk => _open is null && FirstWaiting() is not null ? _again : Instant.Never;

    /// <summary>Whether a machine is news, and there is room for it.</summary>
    internal bool IsNews(Built machine)
    {
        int waiting = 0;
        foreach (Offspring one in _builds.Values)
        {
            waiting += one.Certificate is null ? 1 : 0;
        }

        return !_builds.ContainsKey(machine.Build) && machine.Build > _forgotten && waiting < WaitingMax;
    }

    /// <summary>The next certificate that can be made; null for none.</summary>
    /// <param name="now">Now.</param>
    /// <param name="stops">No lease that ends before this is used: the clock may be off.</param>
    /// <param name="parent">Who signs.</param>
    internal (uint Build, BirthCertificate Certificate)? Next(Instant now, Instant stops, NodeId parent)
    {
        foreach ((uint build, Offspring one) in _builds)
        {
            if (one.Certificate is null && LeaseFor(one.Machine, stops) is { } found)
            {
                Built machine = one.Machine;
                return (build, new BirthCertificate(
                    found.Key.Region, found.Key.Lease, parent,
                    new NodeId(found.Value.Lease.Range.First + found.Value.Given), machine.PublicKey,
                    machine.Class, machine.Generation, now.FloorSecond));
            }
        }

        return null;
    }

    /// <summary>What to ask for: numbers for machines of the kind of the first that waits.</summary>
    internal BirthAsked Question()
    {
        Built first = FirstWaiting()!;
        uint count = 0;
        foreach (Offspring one in _builds.Values)
        {
            count += one.Certificate is null && one.Machine.Class == first.Class
                && one.Machine.Generation == first.Generation ? 1U : 0;
        }

        return new BirthAsked(
            _lastAsked + 1, first.Class, first.Generation, Math.Min(count, BirthLeased.CountMax));
    }

    /// <summary>Whether an answer is to the question that is open.</summary>
    internal bool IsAnswer(BirthLeased lease) => _open?.Number == lease.Asked;

    /// <summary>Applies one remembered fact.</summary>
    internal void Apply(NodeBirthFact fact)
    {
        switch (fact)
        {
            case NodeBirthFact.Heard(var machine):
                _builds.Add(machine.Build, new Offspring(machine, null, []));
                break;
            case NodeBirthFact.Asked(var question):
                _open = question;
                _lastAsked = question.Number;
                break;
            case NodeBirthFact.Lent(var region, var lease, var at):
                _open = null;
                _again = at;
                foreach (KeyValuePair<(RegionId, ulong), (BirthLeased Lease, uint Given)> old in
                    (KeyValuePair<(RegionId, ulong), (BirthLeased, uint)>[])[.. _leases])
                {
                    _ = old.Value.Lease.Until <= at && _leases.Remove(old.Key);
                }

                _leases[(region, lease.Lease)] = (lease, 0);
                break;
            case NodeBirthFact.Declined(var again):
                _open = null;
                _again = again;
                break;
            case NodeBirthFact.Certified(var build, var certificate):
                _builds[build] = _builds[build] with { Certificate = certificate };
                (RegionId, ulong) key = (certificate.Region, certificate.Lease);
                if (!_leases.TryGetValue(key, out (BirthLeased Lease, uint Given) taken))
                {
                    break; // Remembered by an older program, which kept the lease.
                }

                (BirthLeased used, uint given) = taken;
                if (given + 1 == used.Range.Count)
                {
                    _ = _leases.Remove(key);
                }
                else
                {
                    _leases[key] = (used, given + 1);
                }

                break;
            case NodeBirthFact.Signed(var signed, var signature):
                _builds[signed] = _builds[signed] with { Signature = signature };
                Forget();
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>It belongs to another hub, which was not asked what the one before was.</summary>
    /// <param name="lost">The region of a hub that was silent until then: nobody takes children of its leases
    /// any more. None for one that has sent the node away.</param>
    internal void ApplyRehomed(RegionId lost)
    {
        _open = null;
        _again = default;
        foreach ((RegionId Region, ulong Lease) key in ((RegionId Region, ulong Lease)[])[.. _leases.Keys])
        {
            _ = key.Region == lost && _leases.Remove(key);
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("parent", 6);
        codec.Table(
            "leases",
            _leases,
            static (ref TCodec c, (RegionId Region, ulong Lease) key) =>
                (c.Region("region", key.Region), c.Count("lease", key.Lease)),
            static (ref TCodec c, (BirthLeased Lease, uint Given) value) =>
                (BirthLeased.Shape(ref c, value.Lease),
                    (uint)c.Integer("given", value.Given, 0, BirthLeased.CountMax)));
        codec.Table(
            "builds",
            _builds,
            static (ref TCodec c, uint key) => (uint)c.Integer("build", key, 0, uint.MaxValue),
            static (ref TCodec c, Offspring value) => Offspring.Shape(ref c, value));
        _open = codec.Optional("open", _open);
        _lastAsked = (uint)codec.Integer("lastAsked", _lastAsked, 0, uint.MaxValue);
        _again = codec.Moment("again", _again);
        _forgotten = (uint)codec.Integer("forgotten", _forgotten, 0, uint.MaxValue);
        codec.Close();
    }

    private Built? FirstWaiting()
    {
        foreach (Offspring one in _builds.Values)
        {
            if (one.Certificate is null)
            {
                return one.Machine;
            }
        }

        return null;
    }

    private KeyValuePair<(RegionId Region, ulong Lease), (BirthLeased Lease, uint Given)>? LeaseFor(
        Built machine, Instant stops)
    {
        foreach (KeyValuePair<(RegionId Region, ulong Lease), (BirthLeased Lease, uint Given)> one in _leases)
        {
            BirthLeased lease = one.Value.Lease;
            if (lease.Class == machine.Class && lease.Generation == machine.Generation && lease.Until > stops)
            {
                return one;
            }
        }

        return null;
    }

    private void Forget()
    {
        while (_builds.Count > KeptMax)
        {
            uint first = 0;
            foreach ((uint build, Offspring one) in _builds)
            {
                first = first == 0 && one.IsSigned ? build : first;
            }

            if (first == 0)
            {
                return;
            }

            _ = _builds.Remove(first);
            _forgotten = Math.Max(_forgotten, first);
        }
    }
}
