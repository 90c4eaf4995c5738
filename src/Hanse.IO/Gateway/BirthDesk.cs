using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Wire;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.IO.Gateway;

/// <summary>What became of a machine that showed a certificate of birth.</summary>
/// <param name="Node">Which node it is; null when it is none.</param>
/// <param name="Reason">Why, in words; null when it is one.</param>
/// <param name="IsFinal">Whether showing the same again is of no use.</param>
public readonly record struct BirthOutcome(NodeId? Node, string? Reason, bool IsFinal);

/// <summary>Takes machines that were built by others: sees that parent and child say what they say, has the
/// hub decide, and lets the child's key speak for its number.</summary>
/// <remarks>
/// The problem: nobody but its parent knows the machine. The idea: everything that needs no memory but keys
/// is seen to here (canonical bytes, two signatures), and what the fleet has to agree on (is there such a
/// lease, is the number spent) is a fact of the hub that gave the lease. The key is bound after that, by a
/// note of which the first of its name counts; so a machine that was cut off anywhere comes again and ends
/// where it would have. All members may be called from any thread.
/// </remarks>
public sealed class BirthDesk(
    IControlPlane plane, NodeRegistry registry, ReadOnlyMemory<byte> mission, TimeProvider time)
{
    /// <summary>Certificates a second that are looked at: two signatures each, and anybody may send
    /// them.</summary>
    public const int LooksPerSecond = 50;

    private readonly Lock _looking = new();
    private long _second;
    private int _looks;

    /// <summary>Takes a certificate.</summary>
    /// <param name="birth">Canonical bytes of a <see cref="SignedBirth"/>.</param>
    /// <param name="signature">By the child's key, over <see cref="CallSignature.OfBirth"/>.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<BirthOutcome> TakeAsync(ReadOnlyMemory<byte> birth, ReadOnlyMemory<byte> signature)
    {
        if (IsTooMuch())
        {
            return Later("too many certificates come: show it again later");
        }

        if (birth.Length > SignedBirth.BytesMax
            || !CborReader.TryRead(birth, out SignedBirth? shown, out _)
            || shown.Signature.Length != SignedBirth.SignatureLength)
        {
            return Never("that is no certificate of birth: canonical CBOR, with the parent's signature");
        }

        BirthCertificate certificate = shown.Certificate;
        if (!Ed25519Keys.Verify(
            certificate.PublicKey, CallSignature.OfBirth(mission.Span, birth.Span), signature.Span))
        {
            return Never("the signature is not by the key that the certificate names, or of another mission");
        }

        if (registry.KeyOf(certificate.Parent) is null && !await registry.LookAsync(certificate.Parent))
        {
            return Later("too many strangers call: show it again later");
        }

        if (registry.KeyOf(certificate.Parent) is null)
        {
            return Never($"node {certificate.Parent.Value}, which has signed it, is no node of this mission");
        }

        if (registry.IsRetired(certificate.Parent))
        {
            return Never(WordsOf(BirthRefusal.ParentRetired, certificate));
        }

        if (registry.IsRevoked(certificate.Parent))
        {
            return Never(
                $"the key of node {certificate.Parent.Value}, which has signed it, was revoked by an "
                    + "operator: nothing that it has signed counts any more");
        }

        // The parent may have another key by now. Whether the one that signed spoke for it when it bore, the
        // hub knows: it remembers the key that it gave the lease to.
        if (registry.SignerOf(certificate.Parent, certificate.ToSign(), shown.Signature) is not { } parent)
        {
            return Never(
                $"the certificate is not signed by the key of node {certificate.Parent.Value}, or altered");
        }

        if (registry.WhyNotBind(certificate.Child, certificate.PublicKey) is { } taken)
        {
            return Never(taken);
        }

        return await DecideAsync(certificate, parent);
    }

    private async Task<BirthOutcome> DecideAsync(BirthCertificate certificate, byte[] parent)
    {
        HubEffect? answer;
        try
        {
            answer = await plane.DockAsync(
                certificate.Region, new HubInput.BirthShown(certificate, parent));
        }
        catch (KeyNotFoundException unknown)
        {
            return Never(unknown.Message);
        }
        catch (Exception failure) when (failure is MachineBusyException or MachineFailedException)
        {
            return Later(failure.Message);
        }

        if (answer is not HubEffect.BirthAnswered born)
        {
            return Later("the hub has not answered: show it again");
        }

        if (born.Refusal != BirthRefusal.None)
        {
            // By the parent's latest key, of which the hub hears with the parent's next return.
            bool isAhead = born.Refusal == BirthRefusal.UnknownParent
                && registry.KeyOf(certificate.Parent).AsSpan().SequenceEqual(parent);
            bool isFinal = !isAhead
                && born.Refusal is not (BirthRefusal.ParentDoubted or BirthRefusal.RosterFull);
            return new BirthOutcome(null, WordsOf(born.Refusal, certificate), isFinal);
        }

        string? taken = await registry.BindAsync(certificate.Child, certificate.PublicKey);
        return taken is null ? new BirthOutcome(certificate.Child, null, true) : Never(taken);
    }

    private static string WordsOf(BirthRefusal refusal, BirthCertificate certificate)
    {
        (uint parent, uint child, ulong lease) =
            (certificate.Parent.Value, certificate.Child.Value, certificate.Lease);
        return refusal switch
        {
            BirthRefusal.NoLease => $"node {parent} has no lease {lease} of this hub, or its time is over",
            BirthRefusal.Spent => $"number {child} was spent on another machine: node {parent} has signed it "
                + "twice",
            BirthRefusal.Expired => $"lease {lease} had ended when the machine was built, or it is too late",
            BirthRefusal.UnknownParent => $"node {parent} is not known to the hub by the key that signed, "
                + $"nor was lease {lease} given to that key",
            BirthRefusal.ParentDoubted => $"node {parent} is in quarantine: show it again when an operator "
                + "has looked",
            BirthRefusal.ParentBarred => $"node {parent} has signed a number twice, and bears nobody now",
            BirthRefusal.WrongClass => $"lease {lease} is for another class or generation",
            BirthRefusal.KeyTaken => "the key is another node's",
            BirthRefusal.NumberTaken => $"number {child} is another node's, or none of lease {lease}",
            BirthRefusal.RosterFull => "the hub takes no more nodes",
            BirthRefusal.ParentRetired => $"node {parent} is retired, and bears nobody any more",
            _ => $"not taken: {refusal}",
        };
    }

    private bool IsTooMuch()
    {
        lock (_looking)
        {
            long second = time.GetUtcNow().ToUnixTimeSeconds();
            _looks = second == _second ? _looks + 1 : 1;
            _second = second;
            return _looks > LooksPerSecond;
        }
    }

    private static BirthOutcome Never(string reason) => new(null, reason, IsFinal: true);

    private static BirthOutcome Later(string reason) => new(null, reason, IsFinal: false);
}
