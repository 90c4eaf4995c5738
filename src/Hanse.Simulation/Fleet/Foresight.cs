using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Fleet;

/// <summary>The same mission with perfect knowledge: what a market is to be measured against.</summary>
/// <remarks>
/// The problem: what of a shortfall is the market's fault, and what is nobody's? The idea: the same bounties,
/// orbits, weather and deaths, drawn from the same streams, with every error of magnitude zero (sensors and
/// scales show what is so, machines are as designed, rock is as assayed), and nobody bids on a trip that it
/// would not live to finish. The protocol is untouched: bids of the doomed are turned into refusals on their
/// way out, one by one, by the arrival that they promise; a doomed node still does what it has time for.
/// What wear breaks depends on the work done, and is not foreseen.
/// <para>
/// What fills more is an upper bound in expectation, and not run by run. In its favour: errors that happened
/// to help are gone too; a machine better than its design, rock better than its assay. Against it: a bid
/// counts a berth's wait and an assay's margin that mostly do not come, so a few trips that would just have
/// been finished are not bid on; an award that comes a window late can still cost a node its last trip; and
/// the auction itself is no optimum, so that other bids may by chance make a worse one. It judges the
/// market's dealing with errors and deaths, and not its clearing.
/// </para>
/// </remarks>
internal static class Foresight
{
    /// <summary>A scenario without errors, and with nobody that does other than it says.</summary>
    public static Scenario Of(Scenario scenario) => scenario with
    {
        Fleet = scenario.Fleet with
        {
            SensorBiasPercent = 0,
            SensorNoisePercent = 0,
            BuildSpreadPercent = 0,
        },
        Work = scenario.Work with { SurveySigmaPercent = 0, InspectionSigmaPercent = 0 },
        Conduct = scenario.Conduct with
        {
            OverClaimersPercent = 0,
            UnderClaimersPercent = 0,
            NoShowsPercent = 0,
            RingNodes = 0,
            DeniersPercent = 0,
            FalseMendersPercent = 0,
        },
        Regions = scenario.Regions with { AssayErrorPercent = 0, ScaleErrorPercent = 0 },
    };

    /// <summary>A frame of a node without offers that it would not live to keep.</summary>
    /// <param name="frame">What the node sends.</param>
    /// <param name="dies">When it dies, by its own clock.</param>
    public static Frame WithoutDoomed(Frame frame, Instant dies) =>
        frame.Envelopes.Any(envelope => envelope.Message is BidSheet)
            ? frame with
            {
                Envelopes = [.. frame.Envelopes.Select(envelope => envelope.Message is BidSheet sheet
                    ? envelope with { Message = WithoutDoomed(sheet, dies) } : envelope)],
            }
            : frame;

    private static BidSheet WithoutDoomed(BidSheet sheet, Instant dies) => sheet with
    {
        Bids = ImmutableArray.CreateRange(sheet.Bids, bid =>
            bid.IsOffer && bid.Steps.RemoveAll(step => step.Arrives > dies) is var kept
                ? kept.IsEmpty ? Bid.None(bid.Bounty, NoBidReason.NoTime) : bid with { Steps = kept } : bid),
    };
}
