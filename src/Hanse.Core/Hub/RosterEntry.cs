using System;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Twin;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>How a hub sees a node's silence.</summary>
public enum Silence
{
    /// <summary>Heard in its last planned window, or not yet due.</summary>
    Expected,

    /// <summary>Not heard for longer than its contact plan explains. Its contracts still run: nothing is
    /// taken from a node for being late, only for being past due.</summary>
    Late,
}

/// <summary>A node on a hub's roster: its authority, its link and its twin.</summary>
public sealed class RosterEntry
{
    /// <summary>Missed windows that a contact plan explains: loss takes one, a blackout another.</summary>
    private const int WindowsMissedMax = 3;

    /// <summary>A newly enrolled node.</summary>
    internal RosterEntry(Epoch epoch, LinkEnd link, bool isForeign)
    {
        Epoch = epoch;
        Link = link;
        IsForeign = isForeign;
    }

    /// <summary>Whether it joined the fleet in another region, and so calls by the neighbours' contact
    /// plan.</summary>
    public bool IsForeign { get; }

    /// <summary>Whether it knows that it belongs here: always, unless it was another hub's and has not called
    /// yet.</summary>
    public bool HasArrived { get; internal set; } = true;

    /// <summary>Whether it belongs to another region now, and only hears from here where to call.</summary>
    public bool HasLeft { get; internal set; }

    /// <summary>Whether its service is over, for good: its number is nobody's any more.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>Whether the hub works with it.</summary>
    public bool IsActive => HasArrived && !HasLeft;

    /// <summary>The work it held when it was taken over, as the hub before had told.</summary>
    internal ContractTerms? Promised { get; set; }

    /// <summary>The hub's authority over the node.</summary>
    public Epoch Epoch { get; internal set; }

    /// <summary>The link to it.</summary>
    public LinkEnd Link { get; }

    /// <summary>What the hub expects of it.</summary>
    public NodeTwin Twin { get; private set; } = new();

    /// <summary>Capability class.</summary>
    public int Class { get; internal set; }

    /// <summary>Hardware generation.</summary>
    public int Generation { get; internal set; }

    /// <summary>Both.</summary>
    public MachineKind Kind => new(Class, Generation);

    /// <summary>Its last docking here, and what it was served then; zero before the first.</summary>
    internal (uint Docking, Grams Propellant, PartsPerMillion Spares) Service { get; set; }

    /// <summary>The parts it was given then; zero when it was something else.</summary>
    internal Grams Issued { get; set; }

    /// <summary>Age of the newest frame heard.</summary>
    public TimeSpan Staleness(Instant now) => now - Link.LastHeard;

    /// <summary>How to read its silence.</summary>
    public Silence SilenceAt(Instant now) =>
        Staleness(now) <= WindowsMissedMax * Link.Plan.Period ? Silence.Expected : Silence.Late;

    /// <summary>Its service is over: nothing is expected of it any more, and nothing kept that could
    /// be.</summary>
    internal void Retire()
    {
        HasLeft = true;
        IsRetired = true;
        Twin = new NodeTwin();
        Promised = null;
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("roster", 13);
        Epoch = codec.Epoch("epoch", Epoch);
        Class = codec.Number("class", Class);
        Generation = codec.Number("generation", Generation);
        uint docking = (uint)codec.Integer("docking", Service.Docking, 0, uint.MaxValue);
        Grams propellant = codec.Mass("propellant", Service.Propellant);
        PartsPerMillion spares = codec.Share("spares", Service.Spares);
        Service = (docking, propellant, spares);
        Issued = codec.Mass("issued", Issued);
        HasArrived = codec.Flag("hasArrived", HasArrived);
        HasLeft = codec.Flag("hasLeft", HasLeft);
        IsRetired = codec.Flag("isRetired", IsRetired);
        Promised = codec.Optional("promised", Promised);
        Link.Shape(ref codec);
        Twin.Shape(ref codec);
        codec.Close();
    }
}
