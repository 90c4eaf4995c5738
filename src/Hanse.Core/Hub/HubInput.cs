using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>Everything that can happen to a hub.</summary>
public abstract record HubInput : IShaped<HubInput>
{
    private HubInput()
    {
    }

    /// <summary>A frame came in from a node or from the strategic layer.</summary>
    public sealed record FrameArrived(Frame Frame) : HubInput;

    /// <summary>A node is at a berth; its cargo has been weighed, and it asks for service.</summary>
    /// <param name="Depot">Where.</param>
    /// <param name="Node">Who.</param>
    /// <param name="Docking">The node's count of its dockings: a repeated docking is the same one.</param>
    /// <param name="Contract">What the cargo is for; zero when there is none.</param>
    /// <param name="Epoch">The contract's epoch.</param>
    /// <param name="Commodity">What the cargo is.</param>
    /// <param name="Weighed">What the depot's scale says.</param>
    /// <param name="Propellant">What it would like in its tanks.</param>
    /// <param name="Spares">How much wear it would like undone.</param>
    /// <param name="Came">When it came to the depot, before it waited for a berth.</param>
    public sealed record Docked(
        DepotId Depot,
        NodeId Node,
        uint Docking,
        ContractId Contract,
        Epoch Epoch,
        Commodity Commodity,
        Grams Weighed,
        Grams Propellant,
        PartsPerMillion Spares,
        Instant Came) : HubInput;

    /// <summary>A node at a depot asks for the parts that its contract is about.</summary>
    /// <param name="Depot">Where.</param>
    /// <param name="Node">Who.</param>
    /// <param name="Docking">The node's count of its dockings.</param>
    /// <param name="Contract">The contract.</param>
    /// <param name="Epoch">Its epoch.</param>
    /// <param name="Wanted">How much it can take.</param>
    public sealed record PartsAsked(
        DepotId Depot, NodeId Node, uint Docking, ContractId Contract, Epoch Epoch, Grams Wanted) : HubInput;

    /// <summary>The hub's instrument at a site has looked at what a node has put in place.</summary>
    /// <param name="Site">Where.</param>
    /// <param name="Node">Who.</param>
    /// <param name="Docking">The node's count of its dockings, in which this counts too.</param>
    /// <param name="Contract">The contract.</param>
    /// <param name="Epoch">Its epoch.</param>
    /// <param name="Brought">What was brought to the site, by the instrument.</param>
    /// <param name="Standing">What of it stands.</param>
    public sealed record Inspected(
        SiteId Site, NodeId Node, uint Docking, ContractId Contract, Epoch Epoch, Grams Brought,
        Grams Standing) : HubInput;

    /// <summary>A nonce was drawn.</summary>
    public sealed record NonceDrawn(NodeId Node, ulong Blocks, Digest Nonce) : HubInput;

    /// <summary>A signature was verified.</summary>
    public sealed record Verified(NodeId Node, ulong Request, bool IsGood) : HubInput;

    /// <summary>An operator has looked at a case and accepts or rejects it; one that is not open is
    /// ignored.</summary>
    public sealed record Reviewed(ulong Case, bool IsAccepted) : HubInput;

    /// <summary>The head of the hub's attested journal is signed.</summary>
    /// <param name="Blocks">Which head: blocks under it.</param>
    /// <param name="Signature">Ed25519, over the bytes that <see cref="HubEffect.Sign"/> gave.</param>
    public sealed record Signed(ulong Blocks, byte[] Signature) : HubInput
    {
        /// <summary>Most bytes of a signature.</summary>
        public const int SignatureBytesMax = 64;
    }

    /// <summary>Bytes of a package were read, as <see cref="HubEffect.ReadPackage"/> asked.</summary>
    /// <param name="Node">Who wants them.</param>
    /// <param name="Release">Of which package.</param>
    /// <param name="From">Place of the first.</param>
    /// <param name="Bytes">None when it is not here, or ends before.</param>
    public sealed record PackageRead(NodeId Node, Digest Release, int From, byte[] Bytes) : HubInput;

    /// <summary>A machine shows that another has built it, and wants to be a node.</summary>
    /// <param name="Certificate">What its parent signed.</param>
    /// <param name="ParentKey">The key that signed it, and speaks for the parent; whoever gives this has
    /// verified both, and that the machine has the other half of its own.</param>
    public sealed record BirthShown(BirthCertificate Certificate, byte[] ParentKey) : HubInput;

    /// <summary>An operator ends a node's service.</summary>
    /// <param name="Node">Which; one that is not here, or is retired, is an old story.</param>
    /// <param name="IsLost">Whether it will not be heard again.</param>
    public sealed record RetireOrdered(NodeId Node, bool IsLost) : HubInput;

    /// <summary>The alarm went off.</summary>
    public sealed record Woken : HubInput;

    /// <summary>The machine was rebuilt from its facts; what it emitted last may be lost.</summary>
    public sealed record Restarted : HubInput;

    /// <inheritdoc/>
    public static HubInput Shape<TCodec>(ref TCodec codec, HubInput? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "input",
            value switch
            {
                null => 0,
                FrameArrived => 1,
                Docked => 2,
                Woken => 3,
                Restarted => 4,
                NonceDrawn => 5,
                Verified => 6,
                Reviewed => 7,
                Signed => 8,
                PartsAsked => 9,
                Inspected => 10,
                PackageRead => 11,
                BirthShown => 12,
                RetireOrdered => 13,
                _ => throw new UnreachableException(),
            }, 13);
        HubInput input;
        switch (tag)
        {
            case 1:
                var arrived = (FrameArrived?)value;
                codec.Open("frameArrived", 1);
                Frame frame = Frame.Shape(ref codec, arrived?.Frame);
                input = arrived ?? new FrameArrived(frame);
                break;
            case 2:
                var docked = (Docked?)value;
                codec.Open("docked", 10);
                DepotId depot = codec.Depot("depot", docked?.Depot ?? default);
                NodeId node = codec.Node("node", docked?.Node ?? default);
                uint docking = (uint)codec.Integer("docking", docked?.Docking ?? 0, 0, uint.MaxValue);
                ContractId contract = codec.Contract("contract", docked?.Contract ?? default);
                Epoch epoch = codec.Epoch("epoch", docked?.Epoch ?? default);
                var commodity = (Commodity)codec.Integer("commodity", (long)(docked?.Commodity ?? 0), 1, 4);
                Grams weighed = codec.Mass("weighed", docked?.Weighed ?? default);
                Grams propellant = codec.Mass("propellant", docked?.Propellant ?? default);
                PartsPerMillion spares = codec.Share("spares", docked?.Spares ?? default);
                Instant came = codec.Moment("came", docked?.Came ?? default);
                input = docked ?? new Docked(
                    depot, node, docking, contract, epoch, commodity, weighed, propellant, spares, came);
                break;
            case 3:
                codec.Open("woken", 0);
                input = value ?? new Woken();
                break;
            case 5:
                var drawn = (NonceDrawn?)value;
                codec.Open("nonceDrawn", 3);
                NodeId drawnFor = codec.Node("node", drawn?.Node ?? default);
                ulong blocks = codec.Count("blocks", drawn?.Blocks ?? 0);
                Digest nonce = Digest.Field(ref codec, "nonce", drawn?.Nonce ?? default);
                input = drawn ?? new NonceDrawn(drawnFor, blocks, nonce);
                break;
            case 6:
                var verified = (Verified?)value;
                codec.Open("verified", 3);
                NodeId signer = codec.Node("node", verified?.Node ?? default);
                ulong request = codec.Count("request", verified?.Request ?? 0);
                bool isGood = codec.Flag("isGood", verified?.IsGood ?? false);
                input = verified ?? new Verified(signer, request, isGood);
                break;
            case 7:
                var reviewed = (Reviewed?)value;
                codec.Open("reviewed", 2);
                ulong number = codec.Count("case", reviewed?.Case ?? 0);
                bool isAccepted = codec.Flag("isAccepted", reviewed?.IsAccepted ?? false);
                input = reviewed ?? new Reviewed(number, isAccepted);
                break;
            case 8:
                var signed = (Signed?)value;
                codec.Open("signed", 2);
                ulong head = codec.Count("blocks", signed?.Blocks ?? 0);
                byte[] signature =
                    codec.Bytes("signature", signed?.Signature ?? [], Signed.SignatureBytesMax);
                input = signed ?? new Signed(head, signature);
                break;
            case 9:
                var asked = (PartsAsked?)value;
                codec.Open("partsAsked", 6);
                DepotId at = codec.Depot("depot", asked?.Depot ?? default);
                NodeId asker = codec.Node("node", asked?.Node ?? default);
                uint loading = (uint)codec.Integer("docking", asked?.Docking ?? 0, 0, uint.MaxValue);
                ContractId askedFor = codec.Contract("contract", asked?.Contract ?? default);
                Epoch askedUnder = codec.Epoch("epoch", asked?.Epoch ?? default);
                Grams wanted = codec.Mass("wanted", asked?.Wanted ?? default);
                input = asked ?? new PartsAsked(at, asker, loading, askedFor, askedUnder, wanted);
                break;
            case 10:
                var inspected = (Inspected?)value;
                codec.Open("inspected", 7);
                SiteId site = codec.Site("site", inspected?.Site ?? default);
                NodeId builder = codec.Node("node", inspected?.Node ?? default);
                uint placing = (uint)codec.Integer("docking", inspected?.Docking ?? 0, 0, uint.MaxValue);
                ContractId builtFor = codec.Contract("contract", inspected?.Contract ?? default);
                Epoch builtUnder = codec.Epoch("epoch", inspected?.Epoch ?? default);
                Grams brought = codec.Mass("brought", inspected?.Brought ?? default);
                Grams standing = codec.Mass("standing", inspected?.Standing ?? default);
                input = inspected ?? new Inspected(
                    site, builder, placing, builtFor, builtUnder, brought, standing);
                break;
            case 11:
                var package = (PackageRead?)value;
                codec.Open("packageRead", 4);
                NodeId reader = codec.Node("node", package?.Node ?? default);
                Digest release = Digest.Field(ref codec, "release", package?.Release ?? default);
                int from = codec.Number("from", package?.From ?? 0);
                byte[] bytes = codec.Bytes("bytes", package?.Bytes ?? [], SkillBytes.BytesMax);
                input = package ?? new PackageRead(reader, release, from, bytes);
                break;
            case 12:
                var birth = (BirthShown?)value;
                codec.Open("birthShown", 2);
                BirthCertificate certificate = BirthCertificate.Shape(ref codec, birth?.Certificate);
                byte[] key = codec.Bytes("parentKey", birth?.ParentKey ?? [], NoteKey.Ed25519Length);
                input = birth ?? new BirthShown(certificate, key);
                break;
            case 13:
                var retire = (RetireOrdered?)value;
                codec.Open("retireOrdered", 2);
                NodeId old = codec.Node("node", retire?.Node ?? default);
                bool isLost = codec.Flag("isLost", retire?.IsLost ?? false);
                input = retire ?? new RetireOrdered(old, isLost);
                break;
            default:
                codec.Open("restarted", 0);
                input = value ?? new Restarted();
                break;
        }

        codec.Close();
        return input;
    }
}
