using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;

namespace Hanse.Simulation.World;

/// <summary>What comes due in the world by itself, at one node.</summary>
internal enum WorldEvent
{
    /// <summary>Its sensors are read.</summary>
    Reading = 1,

    /// <summary>Its raw log of a day is sealed.</summary>
    Seal,

    /// <summary>It dies by lot.</summary>
    Death,

    /// <summary>It breaks down, as soon as it stands still.</summary>
    Breakdown,

    /// <summary>It leaves on a flight; the argument is the order's number.</summary>
    Departure,

    /// <summary>It is done with an order; the argument is its number.</summary>
    OrderEnd,

    /// <summary>It was served and hears that its docking is over; the argument is the order's
    /// number.</summary>
    Undocking,

    /// <summary>It is commissioned: built, at its depot, and ready to start.</summary>
    Commission,
}

/// <summary>The world's way out: to machines, to hubs, to the clock, and the few things about machines that a
/// world has to ask.</summary>
/// <remarks>Nodes and regions are places from 0; instants are true time in microseconds.</remarks>
internal interface IWorldPort
{
    /// <summary>Whether a machine has taken what it is given, and its orders have come back, when a call
    /// returns. Where it has not, an order may be late, and is then not carried out by what is
    /// broken.</summary>
    bool IsPrompt { get; }

    /// <summary>Gives a node an input.</summary>
    void Give(int node, NodeInput input);

    /// <summary>Answers a node, which may be in the middle of the step that asked.</summary>
    void Answer(int node, NodeInput input);

    /// <summary>A depot, or an instrument at a site, tells a hub something about a node.</summary>
    /// <returns>Whether the hub heard it: it is there, and the node belongs to it.</returns>
    bool Tell(int region, int node, HubInput input);

    /// <summary>Has something come due: <see cref="FleetWorld.Happen"/>.</summary>
    void Schedule(long at, int node, WorldEvent kind, uint argument);

    /// <summary>Has the hub told that the node belongs to: <see cref="FleetWorld.Tell"/>.</summary>
    void ScheduleTold(long at, int node, HubInput input);

    /// <summary>What a node's machine knows of itself.</summary>
    NodeStanding StandingOf(int node);

    /// <summary>When a node's clock shows an instant.</summary>
    long WhenShows(int node, Instant local);

    /// <summary>What a node's clock shows.</summary>
    Instant NodeClockAt(int node, long at);

    /// <summary>What the clock of the hub shows that a node belongs to.</summary>
    Instant HubClockAt(int node, long at);
}

/// <summary>Looks at what truly happens; for figures and checks, and never for machines.</summary>
internal interface IWorldWatch
{
    /// <summary>A machine has been built that is a node when it is born: when <see cref="FleetWorld.Bear"/>
    /// is called.</summary>
    void Built(int node);

    /// <summary>A node was commissioned: from now on it is there.</summary>
    void Commissioned(int node);

    /// <summary>A node's sensors were read.</summary>
    void Observed(int node);

    /// <summary>A node came to a depot's berth, after so many hours.</summary>
    void Berthed(double waitedHours);

    /// <summary>A node came to a face at a site, after so many hours.</summary>
    void CameToFace(double waitedHours);

    /// <summary>Propellant was burnt, in grams.</summary>
    void Burnt(double grams);

    /// <summary>An extraction ended since the site had given out.</summary>
    void CameShort(bool isEmpty);

    /// <summary>A node was unloaded at a depot.</summary>
    void Unloaded(int node, Order.Dock dock, double grams);

    /// <summary>A depot loaded a node.</summary>
    /// <param name="node">Which.</param>
    /// <param name="load">The order.</param>
    /// <param name="commodity">What.</param>
    /// <param name="isGoods">Whether it is to bring it to another depot.</param>
    /// <param name="grams">How much, in truth.</param>
    void Loaded(int node, Order.Load load, Commodity commodity, bool isGoods, double grams);

    /// <summary>A node lost some of the goods that it carries.</summary>
    void LostGoods(int node, double grams);

    /// <summary>A node broke down.</summary>
    void BrokeDown(int node);

    /// <summary>A node was mended, for a call of its own.</summary>
    void Mended(int node, BountyId call);

    /// <summary>A node died.</summary>
    void Died(int node, string how);
}
