using System.Collections.Immutable;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What a returning node's journal says since its last accepted entry, folded: "theirs" of the
/// merge.</summary>
/// <remarks>Plain values, so that this room does not depend on how the journal is written. Whoever folds the
/// journal has validated it: signatures hold, and a receipt is the depot's own.</remarks>
public sealed record NodeReturn : IShaped<NodeReturn>
{
    /// <summary>Most entries in any of its lists.</summary>
    public const int ListMax = 8192;

    /// <summary>Who returns.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Entries of its journal before this stretch: those accepted when it was cut.</summary>
    public required ulong Base { get; init; }

    /// <summary>Entries including this stretch; above <see cref="Base"/>.</summary>
    public required ulong Size { get; init; }

    /// <summary>When the last of them was written.</summary>
    public required Instant At { get; init; }

    /// <summary>Refined cargo, commodity by commodity, in order; one that is missing is unchanged.</summary>
    public required ImmutableArray<StockClaim> Stocks { get; init; }

    /// <summary>Propellant aboard.</summary>
    public required Grams Propellant { get; init; }

    /// <summary>Part of its life used up.</summary>
    public required PartsPerMillion Wear { get; init; }

    /// <summary>Wear undone by recorded repairs in this stretch.</summary>
    public required PartsPerMillion Repaired { get; init; }

    /// <summary>What it held and used, and when.</summary>
    public required ImmutableArray<Lease> Leases { get; init; }

    /// <summary>What it delivered.</summary>
    public required ImmutableArray<DeliveryClaim> Deliveries { get; init; }

    /// <summary>What it spent of rights given before.</summary>
    public required ImmutableArray<SpendClaim> Spent { get; init; }

    /// <summary>What it found left at sites.</summary>
    public required ImmutableArray<SiteClaim> Sites { get; init; }

    /// <summary>What it measured of places.</summary>
    public required ImmutableArray<MapClaim> Maps { get; init; }

    /// <summary>The contract it is working on; zero when none.</summary>
    public required ContractId Running { get; init; }

    /// <summary>The newest intent of its hub that it has heard.</summary>
    public required uint IntentHeard { get; init; }

    /// <inheritdoc/>
    public static NodeReturn Shape<TCodec>(ref TCodec codec, NodeReturn? value)
        where TCodec : struct, ICodec
    {
        codec.Open("return", 15);
        NodeId node = codec.Node("node", value?.Node ?? default);
        ulong start = (ulong)codec.Integer("base", (long)(value?.Base ?? 0), 0, long.MaxValue);
        ulong size = (ulong)codec.Integer("size", (long)(value?.Size ?? 0), 0, long.MaxValue);
        Instant at = codec.Moment("at", value?.At ?? default);
        ImmutableArray<StockClaim> stocks = codec.List("stocks", value?.Stocks ?? [], StockClaim.CountMax);
        Grams propellant = codec.Mass("propellant", value?.Propellant ?? default);
        PartsPerMillion wear = codec.Share("wear", value?.Wear ?? default);
        PartsPerMillion repaired = codec.Share("repaired", value?.Repaired ?? default);
        ImmutableArray<Lease> leases = codec.List("leases", value?.Leases ?? [], ListMax);
        ImmutableArray<DeliveryClaim> deliveries =
            codec.List("deliveries", value?.Deliveries ?? [], ListMax);
        ImmutableArray<SpendClaim> spent = codec.List("spent", value?.Spent ?? [], ListMax);
        ImmutableArray<SiteClaim> sites = codec.List("sites", value?.Sites ?? [], ListMax);
        ImmutableArray<MapClaim> maps = codec.List("maps", value?.Maps ?? [], ListMax);
        ContractId running = codec.Contract("running", value?.Running ?? default);
        uint heard = (uint)codec.Integer("intentHeard", value?.IntentHeard ?? 0, 0, uint.MaxValue);
        codec.Close();
        if (codec.IsReading && !codec.Failed
            && (size <= start || !Fields.Increases(stocks, stock => (int)stock.Commodity)))
        {
            codec.Refuse("a return must add entries, and name each commodity once, in order");
        }

        return value ?? new NodeReturn
        {
            Node = node,
            Base = start,
            Size = size,
            At = at,
            Stocks = stocks,
            Propellant = propellant,
            Wear = wear,
            Repaired = repaired,
            Leases = leases,
            Deliveries = deliveries,
            Spent = spent,
            Sites = sites,
            Maps = maps,
            Running = running,
            IntentHeard = heard,
        };
    }
}

/// <summary>What a node says of one commodity aboard.</summary>
/// <param name="Commodity">Which.</param>
/// <param name="Gained">Refined or taken over since the base.</param>
/// <param name="Level">Aboard now.</param>
public sealed record StockClaim(Commodity Commodity, Grams Gained, Grams Level) : IShaped<StockClaim>
{
    /// <summary>Most claims: one a commodity.</summary>
    public const int CountMax = 4;

    /// <inheritdoc/>
    public static StockClaim Shape<TCodec>(ref TCodec codec, StockClaim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("stock", 3);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams gained = codec.Mass("gained", value?.Gained ?? default);
        Grams level = codec.Mass("level", value?.Level ?? default);
        codec.Close();
        return value ?? new StockClaim(commodity, gained, level);
    }
}

/// <summary>One delivery as a node's journal tells it.</summary>
public sealed record DeliveryClaim : IShaped<DeliveryClaim>
{
    /// <summary>Which docking it was; counted by the node, and rising in its journal.</summary>
    public required uint Docking { get; init; }

    /// <summary>For which contract.</summary>
    public required ContractId Contract { get; init; }

    /// <summary>Under which epoch of it.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Of what.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>How much, by the node's own sensor.</summary>
    public required Grams Claimed { get; init; }

    /// <summary>How much by the depot's signed receipt; zero when it has none.</summary>
    public required Grams Receipt { get; init; }

    /// <summary>When it docked.</summary>
    public required Instant At { get; init; }

    /// <inheritdoc/>
    public static DeliveryClaim Shape<TCodec>(ref TCodec codec, DeliveryClaim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("delivery", 7);
        uint docking = (uint)codec.Integer("docking", value?.Docking ?? 0, 0, uint.MaxValue);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams claimed = codec.Mass("claimed", value?.Claimed ?? default);
        Grams receipt = codec.Mass("receipt", value?.Receipt ?? default);
        Instant at = codec.Moment("at", value?.At ?? default);
        codec.Close();
        return value ?? new DeliveryClaim
        {
            Docking = docking,
            Contract = contract,
            Epoch = epoch,
            Commodity = commodity,
            Claimed = claimed,
            Receipt = receipt,
            At = at,
        };
    }
}

/// <summary>What a node has spent of a right, all told.</summary>
/// <param name="Quota">Of which quota.</param>
/// <param name="Epoch">Under which epoch.</param>
/// <param name="Amount">How much, in the quota's unit.</param>
/// <param name="IsLast">Whether it is done and gives the rest back.</param>
public sealed record SpendClaim(QuotaId Quota, Epoch Epoch, long Amount, bool IsLast) : IShaped<SpendClaim>
{
    /// <inheritdoc/>
    public static SpendClaim Shape<TCodec>(ref TCodec codec, SpendClaim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("spend", 4);
        QuotaId quota = QuotaId.Shape(ref codec, value?.Quota ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        long amount = codec.Integer("amount", value?.Amount ?? 0, 0, Merge.Quota.TotalMax);
        bool last = codec.Flag("isLast", value?.IsLast ?? false);
        codec.Close();
        return value ?? new SpendClaim(quota, epoch, amount, last);
    }
}

/// <summary>What a node found left at a site.</summary>
public sealed record SiteClaim(SiteId Site, Grams Remaining) : IShaped<SiteClaim>
{
    /// <inheritdoc/>
    public static SiteClaim Shape<TCodec>(ref TCodec codec, SiteClaim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("site", 2);
        SiteId site = codec.Site("site", value?.Site ?? default);
        Grams remaining = codec.Mass("remaining", value?.Remaining ?? default);
        codec.Close();
        return value ?? new SiteClaim(site, remaining);
    }
}

/// <summary>What a node measured of one tile of a shared map.</summary>
public sealed record MapClaim(ulong Tile, Belief Belief) : IShaped<MapClaim>
{
    /// <inheritdoc/>
    public static MapClaim Shape<TCodec>(ref TCodec codec, MapClaim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("map", 2);
        ulong tile = (ulong)codec.Integer("tile", (long)(value?.Tile ?? 0), 0, long.MaxValue);
        Belief belief = Belief.Shape(ref codec, value?.Belief);
        codec.Close();
        return value ?? new MapClaim(tile, belief);
    }
}
