using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>Everything a hub asks of its driver.</summary>
public abstract record HubEffect : IShaped<HubEffect>
{
    private HubEffect()
    {
    }

    /// <summary>Give the frame to the link.</summary>
    public sealed record Transmit(Frame Frame) : HubEffect;

    /// <summary>Let the depot serve a docked node: what it may have for its balance. Safe to repeat: the
    /// depot serves a docking once.</summary>
    public sealed record Serve(NodeId Node, uint Docking, Grams Propellant,
        PartsPerMillion Spares) : HubEffect;

    /// <summary>Say, for logs and counters, that something was not acted on.</summary>
    /// <param name="From">Who sent it.</param>
    /// <param name="Kind">What it was; zero for a whole frame or another input.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Refuse(Party From, MessageKind Kind, Refusal Reason) : HubEffect;

    /// <inheritdoc/>
    public static HubEffect Shape<TCodec>(ref TCodec codec, HubEffect? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "effect",
            value switch
            {
                null => 0,
                Transmit => 1,
                Serve => 2,
                Refuse => 3,
                _ => throw new UnreachableException(),
            }, 3);
        HubEffect effect;
        switch (tag)
        {
            case 1:
                var transmit = (Transmit?)value;
                codec.Open("transmit", 1);
                Frame frame = Frame.Shape(ref codec, transmit?.Frame);
                effect = transmit ?? new Transmit(frame);
                break;
            case 2:
                var serve = (Serve?)value;
                codec.Open("serve", 4);
                NodeId node = codec.Node("node", serve?.Node ?? default);
                uint docking = (uint)codec.Integer("docking", serve?.Docking ?? 0, 0, uint.MaxValue);
                Grams propellant = codec.Mass("propellant", serve?.Propellant ?? default);
                PartsPerMillion spares = codec.Share("spares", serve?.Spares ?? default);
                effect = serve ?? new Serve(node, docking, propellant, spares);
                break;
            default:
                var refuse = (Refuse?)value;
                codec.Open("refuse", 3);
                Party from = codec.Party("from", refuse?.From ?? default);
                var kind = (MessageKind)codec.Integer("kind", (long)(refuse?.Kind ?? 0), 0, 25);
                var reason = (Refusal)codec.Integer("reason", (long)(refuse?.Reason ?? 0), 1, 12);
                effect = refuse ?? new Refuse(from, kind, reason);
                break;
        }

        codec.Close();
        return effect;
    }
}
