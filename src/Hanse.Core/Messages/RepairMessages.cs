using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>What is broken on a machine that cannot move any more. The numbers are on the wire.</summary>
public enum FaultClass
{
    /// <summary>Engines, tanks, valves.</summary>
    Drive = 1,

    /// <summary>What digs, crushes and refines.</summary>
    Drill = 2,

    /// <summary>Generators and what stores their energy.</summary>
    Power = 3,

    /// <summary>What holds it together.</summary>
    Structure = 4,
}

/// <summary>Why a call for help is over. The numbers are on the wire.</summary>
public enum HelpOutcome
{
    /// <summary>By the patient: nobody else is to come.</summary>
    Withdrawn = 1,

    /// <summary>By the hub: it was mended, and whoever did it was paid.</summary>
    Mended = 2,

    /// <summary>By the hub: nobody mended it in time; its credits are its own again.</summary>
    Over = 3,

    /// <summary>By the hub: it was never taken up.</summary>
    Refused = 4,
}

/// <summary>Node to hub: I have broken down and cannot move; whoever comes until then may mend me, and is
/// paid out of my credits. It is for the one that sends it and nobody else.</summary>
/// <param name="Number">The node's count of such calls, from 1.</param>
/// <param name="Fault">What is broken.</param>
/// <param name="Depot">Where it is, or which depot spares come from if it is at a site.</param>
/// <param name="Site">The site where it is; zero at the depot.</param>
/// <param name="Commodity">What the spares are made of.</param>
/// <param name="Spares">Mass of them; one gram when none are needed. Positive.</param>
/// <param name="Wear">Its wear, as its journal has it.</param>
/// <param name="Offer">The most it pays; no more than it owns.</param>
/// <param name="Until">How long it lets itself be mended; whole second.</param>
public sealed record HelpAsked(
    uint Number, FaultClass Fault, DepotId Depot, SiteId Site, Commodity Commodity, Grams Spares,
    PartsPerMillion Wear, Credits Offer, Instant Until) : Message, IShaped<HelpAsked>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.HelpAsked;

    /// <inheritdoc/>
    public static HelpAsked Shape<TCodec>(ref TCodec codec, HelpAsked? value)
        where TCodec : struct, ICodec
    {
        codec.Open("helpAsked", 9);
        uint number = (uint)codec.Integer("number", value?.Number ?? 0, 1, BountyId.HelpsMax);
        var fault = (FaultClass)codec.Integer("fault", (long)(value?.Fault ?? 0), 1, 4);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        SiteId site = codec.Site("site", value?.Site ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams spares = new(codec.Integer("spares", value?.Spares.Value ?? 0, 1, Grams.ValueMax));
        PartsPerMillion wear = codec.Share("wear", value?.Wear ?? default);
        Credits offer = codec.Money("offer", value?.Offer ?? default);
        Instant until = codec.Second("until", value?.Until ?? default);
        codec.Close();
        return value ?? new HelpAsked(number, fault, depot, site, commodity, spares, wear, offer, until);
    }
}

/// <summary>Either way: a call for help is over. By the node it is withdrawn: nobody else is to come, and
/// whoever is under way may still mend it.</summary>
/// <param name="Number">Which, by the node's count.</param>
/// <param name="Outcome">Why.</param>
/// <param name="Contract">Whose work mended it; zero for any other outcome.</param>
public sealed record HelpEnded(uint Number, HelpOutcome Outcome, ContractId Contract)
    : Message, IShaped<HelpEnded>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.HelpEnded;

    /// <inheritdoc/>
    public static HelpEnded Shape<TCodec>(ref TCodec codec, HelpEnded? value)
        where TCodec : struct, ICodec
    {
        codec.Open("helpEnded", 3);
        uint number = (uint)codec.Integer("number", value?.Number ?? 0, 1, BountyId.HelpsMax);
        var outcome = (HelpOutcome)codec.Integer("outcome", (long)(value?.Outcome ?? 0), 1, 4);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        codec.Close();
        return value ?? new HelpEnded(number, outcome, contract);
    }
}

/// <summary>Node to hub: I was mended under this contract, and work again.</summary>
/// <param name="Contract">Of whoever mended it.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="WearBefore">Its wear until then.</param>
/// <param name="WearAfter">Its wear from then on.</param>
public sealed record Mended(
    ContractId Contract, Epoch Epoch, PartsPerMillion WearBefore, PartsPerMillion WearAfter)
    : Message, IShaped<Mended>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Mended;

    /// <inheritdoc/>
    public static Mended Shape<TCodec>(ref TCodec codec, Mended? value)
        where TCodec : struct, ICodec
    {
        codec.Open("mended", 4);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        PartsPerMillion before = codec.Share("wearBefore", value?.WearBefore ?? default);
        PartsPerMillion after = codec.Share("wearAfter", value?.WearAfter ?? default);
        codec.Close();
        return value ?? new Mended(contract, epoch, before, after);
    }
}

/// <summary>Node to hub: I have mended the machine that this contract is about.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
public sealed record RepairTold(ContractId Contract, Epoch Epoch) : Message, IShaped<RepairTold>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.RepairTold;

    /// <inheritdoc/>
    public static RepairTold Shape<TCodec>(ref TCodec codec, RepairTold? value)
        where TCodec : struct, ICodec
    {
        codec.Open("repairTold", 2);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        codec.Close();
        return value ?? new RepairTold(contract, epoch);
    }
}
