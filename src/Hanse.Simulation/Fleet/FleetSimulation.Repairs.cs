using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Node;

namespace Hanse.Simulation.Fleet;

/// <content>Machines that break down and live, and machines that mend them.</content>
internal sealed partial class FleetSimulation
{
    private readonly RepairWatch _repairs = new();

    // A denier says that it wants no help any more where an honest one says that it was mended.
    private Frame AsConducted(int node, Frame frame) =>
        _plan.Conducts.Of(node) == Conduct.Denier
            && frame.Envelopes.Any(envelope => envelope.Message is Mended)
            ? frame with
            {
                Envelopes =
                [
                    .. frame.Envelopes.Select(envelope => envelope.Message is Mended
                        ? envelope with
                        {
                            Message = new HelpEnded(Agent(node).Calls, HelpOutcome.Withdrawn, default),
                        }
                        : envelope),
                ],
            }
            : frame;

    // What patients have set aside is in escrow, and in their regions' journals a part of what they own.
    private long AsideAt(int region) => Hub(region).Books.Accounts
        .Where(account => account.Key.Kind == AccountKind.Escrow && new BountyId(account.Key.Number).IsHelp)
        .Sum(account => account.Value.Micro);

    private NodeAgent Agent(int node) => (NodeAgent)_nodes[node].Machine;
}
