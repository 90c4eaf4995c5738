using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>What a node has said of when it comes to a berth or a site.</summary>
/// <param name="Contract">The contract that it comes for.</param>
/// <param name="Comes">When it means to be there.</param>
/// <param name="Toll">What it pays if it comes then.</param>
public sealed record Booking(ContractId Contract, Instant Comes, Credits Toll)
    : IShaped<Booking>
{
    /// <inheritdoc/>
    public static Booking Shape<TCodec>(ref TCodec codec, Booking? value)
        where TCodec : struct, ICodec
    {
        codec.Open("booking", 3);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Instant comes = codec.Moment("comes", value?.Comes ?? default);
        Credits toll = codec.Money("toll", value?.Toll ?? default);
        codec.Close();
        return value ?? new Booking(contract, comes, toll);
    }
}

/// <summary>A node that is expected at a place.</summary>
/// <param name="Place">Where.</param>
/// <param name="Comes">When.</param>
/// <param name="Takes">How long it takes to unload.</param>
internal sealed record CrowdCall(Place Place, Instant Comes, TimeSpan Takes) : IShaped<CrowdCall>
{
    /// <summary>When a plan comes to the depot: from then until it is unloaded it does not move.</summary>
    public static Instant ComesAt(Plan plan)
    {
        Instant comes = plan.Arrives;
        foreach (Track track in plan.Tracks)
        {
            ImmutableArray<Knot> knots = track.Knots;
            for (int i = knots.Length - 2; i >= 0 && track.Variable == Variable.Position; i--)
            {
                if (knots[i].Value != knots[^2].Value)
                {
                    break;
                }

                comes = Instant.Min(comes, knots[i].At);
            }
        }

        return comes;
    }

    /// <summary>From when and how long a plan digs: while there is more and more aboard. Null when it does
    /// not.</summary>
    public static (Instant From, TimeSpan Digs)? DigsAt(Plan plan)
    {
        foreach (Track track in plan.Tracks)
        {
            ImmutableArray<Knot> knots = track.Knots;
            for (int i = 1; i < knots.Length && track.Variable == Variable.Cargo; i++)
            {
                if (knots[i].Value > knots[i - 1].Value)
                {
                    TimeSpan digs = knots[i].At - knots[i - 1].At;
                    return (knots[i - 1].At, digs < SiteVisit.DigsMax ? digs : SiteVisit.DigsMax);
                }
            }
        }

        return null;
    }

    /// <summary>Whether a plan says anything of what is aboard.</summary>
    public static bool TellsCargo(Plan plan)
    {
        foreach (Track track in plan.Tracks)
        {
            if (track.Variable == Variable.Cargo)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public static CrowdCall Shape<TCodec>(ref TCodec codec, CrowdCall? value)
        where TCodec : struct, ICodec
    {
        codec.Open("call", 3);
        Place place = Place.ShapeSigned(ref codec, value?.Place ?? default);
        Instant comes = codec.Moment("comes", value?.Comes ?? default);
        TimeSpan takes = codec.Duration("takes", value?.Takes ?? default);
        codec.Close();
        return value ?? new CrowdCall(place, comes, takes);
    }
}
