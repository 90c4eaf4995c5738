using System;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Fleet;

/// <summary>A model of what starts images of the core on machines: two slots each, and who goes back when an
/// image does not come up.</summary>
/// <remarks>An image that never starts is given up at once, since three starts take no time here. One that
/// crashes does so half an hour after each start. Starts of one that was heard and ran for an hour do not
/// count: machines are switched off for reasons of their own.</remarks>
internal sealed class ImageStarter
{
    /// <summary>Starts of an unproven image, after which it is given up.</summary>
    public const int StartsMax = 3;

    /// <summary>How many days an image runs that crashes.</summary>
    public const double CrashDays = 0.02;

    private const double SteadyDays = 1.0 / 24;

    private readonly Releases _releases;
    private readonly Slots[] _slots;
    private readonly Func<int, int> _classOf;

    /// <summary>All machines run what they were built with.</summary>
    public ImageStarter(Releases releases, int nodes, Func<int, int> classOf)
    {
        _releases = releases;
        _classOf = classOf;
        _slots = new Slots[nodes];
        Array.Fill(_slots, new Slots(
            ReturnPolicy.Core, ReturnPolicy.Core, default, default, default, 0, false, 0));
    }

    /// <summary>What a machine runs.</summary>
    public Digest Runs(int node) => _slots[node].Runs;

    /// <summary>A machine is started, for whatever reason.</summary>
    /// <param name="node">Which.</param>
    /// <param name="now">When.</param>
    /// <returns>What is started.</returns>
    public Digest Start(int node, long now)
    {
        Slots slots = _slots[node];
        bool isSteady = slots.IsHeard && now - slots.Began >= Blueprint.Days(SteadyDays);
        slots = slots with { Starts = isSteady ? 0 : slots.Starts, Began = now };
        if (slots.On != default && (slots.Starts == StartsMax || Has(slots.On, node, isAtStart: true)))
        {
            slots = slots with { Failed = slots.On, On = default, Starts = 0, IsHeard = false };
        }

        slots = slots.On == default ? slots with { Runs = slots.Proven }
            : slots with { Runs = slots.On, Starts = slots.Starts + 1 };
        _slots[node] = slots;
        return slots.Runs;
    }

    /// <summary>Whether what a machine runs will crash.</summary>
    public bool Crashes(int node) => Has(_slots[node].Runs, node, isAtStart: false);

    /// <summary>Does something with an image.</summary>
    /// <param name="node">On which machine.</param>
    /// <param name="work">What.</param>
    /// <param name="isWhole">Whether its package is all there.</param>
    /// <returns>What the machine is told, or null; and whether it is started anew.</returns>
    public (SkillReason? Told, bool IsStarted) Handle(int node, CoreWork work, bool isWhole)
    {
        Slots slots = _slots[node];
        ReleaseFault fault = FaultOf(work.Image, node);
        switch (work.Act)
        {
            case CoreAct.Stage:
                bool isGood = isWhole
                    && _releases.Find(work.Image) is { Named.Fault: not ReleaseFault.Unsigned };
                _slots[node] = slots with { Failed = default };
                return (isGood ? SkillReason.None : SkillReason.NotAdmitted, false);
            case CoreAct.Replay:
                return (fault == ReleaseFault.Wrong ? SkillReason.Diverges
                    : fault == ReleaseFault.Slow ? SkillReason.TooSlow : SkillReason.None, false);
            case CoreAct.Switch when slots.Failed == work.Image:
                return (SkillReason.NotStarted, false);
            case CoreAct.Switch:
                _slots[node] = slots with { On = work.Image, Starts = 0, IsHeard = false };
                return (null, true);
            case CoreAct.Heard when slots.On == work.Image && !slots.IsHeard:
                _slots[node] = slots with { Starts = 0, IsHeard = true };
                return (null, false);
            case CoreAct.Settle when slots.On == work.Image:
                _slots[node] = slots with { Before = slots.Proven, Proven = slots.On, On = default };
                return (null, false);
            case CoreAct.Revert when slots.On == work.Image:
                _slots[node] = slots with { Failed = slots.On, On = default, Starts = 0 };
                return (null, true);
            case CoreAct.Revert when slots.Proven == work.Image && slots.Before != default:
                _slots[node] = slots with
                {
                    Failed = slots.Proven,
                    Proven = slots.Before,
                    Before = default,
                };
                return (null, true);
            default:
                return (null, false);
        }
    }

    private bool Has(Digest image, int node, bool isAtStart) =>
        FaultOf(image, node) == ReleaseFault.Crash
        && (_releases.Find(image)!.Named.FaultPercent >= 100) == isAtStart;

    private ReleaseFault FaultOf(Digest image, int node) =>
        _releases.Find(image) is { Named: var named }
        && (named.FaultClass == 0 || named.FaultClass == _classOf(node)) ? named.Fault : ReleaseFault.None;

    private sealed record Slots(
        Digest Runs, Digest Proven, Digest On, Digest Before, Digest Failed, int Starts, bool IsHeard,
        long Began);
}

/// <summary>A machine is started anew, if it still runs this.</summary>
/// <param name="Image">Which; zero whatever it runs.</param>
internal sealed record CoreStart(Digest Image);
