using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What the fleet last accepted of one node: "base" of its next merge.</summary>
public sealed record NodeLine : IShaped<NodeLine>
{
    /// <summary>A node that has never come back.</summary>
    public static NodeLine New { get; } = new() { Standing = Standing.Trusted, Stocks = [] };

    /// <summary>Entries of its journal that are merged.</summary>
    public ulong Size { get; init; }

    /// <summary>How far its word counts.</summary>
    public required Standing Standing { get; init; }

    /// <summary>Its cargo, in order of commodity.</summary>
    public required ImmutableArray<StockLine> Stocks { get; init; }

    /// <summary>Propellant aboard.</summary>
    public Grams Propellant { get; init; }

    /// <summary>Part of its life used up.</summary>
    public PartsPerMillion Wear { get; init; }

    /// <summary>The contract it works on; zero when none.</summary>
    public ContractId Running { get; init; }

    /// <summary>The number of the newest intent of a hub for it; never falls.</summary>
    public uint Intent { get; init; }

    /// <summary>What that intent is: the contract it is to work on next; zero when none.</summary>
    public ContractId Intended { get; init; }

    /// <summary>Its line of a commodity; an empty one when it has none.</summary>
    public StockLine StockOf(Commodity commodity)
    {
        foreach (StockLine stock in Stocks)
        {
            if (stock.Commodity == commodity)
            {
                return stock;
            }
        }

        return new StockLine(commodity, default, default, default, default, default);
    }

    /// <inheritdoc/>
    public static NodeLine Shape<TCodec>(ref TCodec codec, NodeLine? value)
        where TCodec : struct, ICodec
    {
        codec.Open("node", 8);
        ulong size = (ulong)codec.Integer("size", (long)(value?.Size ?? 0), 0, long.MaxValue);
        var standing = (Standing)codec.Integer("standing", (long)(value?.Standing ?? 0), 1, 3);
        ImmutableArray<StockLine> stocks = codec.List("stocks", value?.Stocks ?? [], StockClaim.CountMax);
        Grams propellant = codec.Mass("propellant", value?.Propellant ?? default);
        PartsPerMillion wear = codec.Share("wear", value?.Wear ?? default);
        ContractId running = codec.Contract("running", value?.Running ?? default);
        uint intent = (uint)codec.Integer("intent", value?.Intent ?? 0, 0, uint.MaxValue);
        ContractId intended = codec.Contract("intended", value?.Intended ?? default);
        codec.Close();
        return value ?? new NodeLine
        {
            Size = size,
            Standing = standing,
            Stocks = stocks,
            Propellant = propellant,
            Wear = wear,
            Running = running,
            Intent = intent,
            Intended = intended,
        };
    }
}

/// <summary>Accepted cargo of one commodity: gained - given = level + unexplained, to the gram.</summary>
/// <param name="Commodity">Which.</param>
/// <param name="Level">Believed aboard.</param>
/// <param name="Sigma">One sigma of that.</param>
/// <param name="Gained">All ever gained, as accepted.</param>
/// <param name="Given">All given away when last merged: what the level allows for.</param>
/// <param name="Doubted">What the node says it gained while in quarantine; it counts when an operator lets
/// it.</param>
public sealed record StockLine(
    Commodity Commodity, Grams Level, Grams Sigma, Grams Gained, Grams Given, Grams Doubted)
    : IShaped<StockLine>
{
    /// <summary>The line once what was doubted counts.</summary>
    internal StockLine Believed =>
        this with { Level = Level + Doubted, Gained = Gained + Doubted, Doubted = default };

    /// <summary>What the levels do not account for; negative when more is aboard than was gained.</summary>
    public Grams Unexplained => Gained - Given - Level;

    /// <inheritdoc/>
    public static StockLine Shape<TCodec>(ref TCodec codec, StockLine? value)
        where TCodec : struct, ICodec
    {
        codec.Open("stock", 6);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams level = codec.Mass("level", value?.Level ?? default);
        Grams sigma = codec.Mass("sigma", value?.Sigma ?? default);
        Grams gained = codec.Mass("gained", value?.Gained ?? default);
        Grams given = codec.Mass("given", value?.Given ?? default);
        Grams doubted = codec.Mass("doubted", value?.Doubted ?? default);
        codec.Close();
        return value ?? new StockLine(commodity, level, sigma, gained, given, doubted);
    }
}
