using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Agent;

/// <summary>A node that runs: the core's <see cref="NodeAgent"/> on its own durable memory, between a device
/// and a hub.</summary>
/// <remarks>
/// It decides nothing. What the node decides is in its memory before the device or the hub hears of it; after
/// a crash, a failed disk or a restart of the machine it goes on from there and repeats what may have been
/// lost. Whether the hub is in reach makes no difference to anything here: frames that do not get through are
/// lost, and the node's links know what to send again.
/// </remarks>
public sealed class NodeHost : IEffectDriver<NodeEffect>, IAsyncDisposable
{
    // A node that runs releases remembers more: its snapshots are not those of one that does not.
    private const string WithSkills = "/skills";
    private const string WithCores = "/cores";

    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(2);

    private readonly AgentParts _parts;
    private readonly MachineHost<NodeInput, NodeFact, NodeEffect> _host;
    private readonly CancellationTokenSource _stop = new();
    private Task _telling = Task.CompletedTask;
    private NodeAgent? _node;

    /// <summary>A node that does not run yet.</summary>
    public NodeHost(AgentParts parts)
    {
        _parts = parts;
        ISkills? skills = parts.Shelf?.Skills ?? parts.Skills;
        _host = new(
            new()
            {
                Stream = StreamName.Node(parts.Spec.Node),
                Build = () => _node = new NodeAgent(
                    parts.Spec, parts.Pricing, skills, parts.Cores is not null),
                Restarted = new NodeInput.Restarted(),
                Store = parts.Store,
                Clock = () => parts.Clock.Now,
                Driver = this,
                Core = CoreBuild.Name + (skills is null ? "" : WithSkills)
                    + (parts.Cores is null ? "" : WithCores),
            },
            new NodeInput.Woken(),
            parts.Clock,
            parts.OnFailure);
    }

    /// <summary>Rebuilds the node from its memory and lets it run.</summary>
    /// <exception cref="StoreException">Its memory cannot be read.</exception>
    public async Task StartAsync()
    {
        await _host.StartAsync(); // What it wants done at once waits for the three.
        if (_parts.Shelf is { } shelf)
        {
            shelf.Start(_host.Post, await AskAsync(NeededBy));
        }

        _parts.Cores?.Start(_host.Post);
        _parts.Device.Start(_host.Post);
        _parts.Uplink.Start(frame => _host.Post(new NodeInput.FrameArrived(frame)));
        _telling = Task.Run(TellKeysAsync);
    }

    /// <summary>Looks at the node, in a turn of its own.</summary>
    public Task<T> AskAsync<T>(Func<NodeAgent, T> look) =>
        _host.AskAsync(machine => look((NodeAgent)machine));

    /// <inheritdoc/>
    public void CarryOut(NodeEffect effect)
    {
        _parts.Device.See(_node!);
        switch (effect)
        {
            case NodeEffect.Transmit(var frame):
                _parts.Uplink.Send(frame);
                break;
            case NodeEffect.Act(var number, var order):
                _parts.Device.Act(number, order);
                break;
            case NodeEffect.Sign(var blocks, var text):
                Sign(_parts.Spec.PublicKey, blocks, text);
                break;
            case NodeEffect.SignBy(var key, var blocks, var text):
                Sign(key, blocks, text);
                break;
            case NodeEffect.KeySettled(var key):
                _parts.Keys.Settled(key);
                break;
            case NodeEffect.ReadRaw(var asked):
                _parts.Device.ReadRaw(asked);
                break;
            case NodeEffect.Package(var work):
                Handle(work);
                break;
            case NodeEffect.SignBirth(var build, var certificate):
                _host.Post(new NodeInput.BirthSigned(build, _parts.Keys.Own.Key.Sign(certificate)));
                break;
            case NodeEffect.Bear(var build, var birth):
                _parts.Device.Bear(build, birth);
                break;
            case NodeEffect.Image(var image):
                _parts.Cores?.Handle(image);
                break;
            case NodeEffect.Refuse(var from, var kind, var reason):
                _parts.OnRefused?.Invoke(from, kind, reason);
                break;
            default:
                throw new UnreachableException($"no rule for {effect}");
        }
    }

    private void Sign(byte[] key, ulong blocks, byte[] text)
    {
        if (_parts.Keys.Sign(key, text) is { } signature)
        {
            _host.Post(new NodeInput.Signed(blocks, signature));
        }
        else
        {
            _parts.OnFailure?.Invoke(new InvalidOperationException(
                "the journal is to be signed with a key that this machine does not have: the keys in its "
                    + "folder and its memory do not belong together"));
        }
    }

    // The journal follows the key that speaks for the node; it is told until it says that it has.
    private async Task TellKeysAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (_parts.Keys.IsUnsettled)
            {
                _host.Post(new NodeInput.KeyReplaced(_parts.Keys.Own.Key.PublicKey));
            }

            try
            {
                await Task.Delay(_tellEvery, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Without a shelf there is no room for packages, and nobody to say that one is genuine.
    private void Handle(PackageWork work)
    {
        if (_parts.Shelf is { } shelf)
        {
            shelf.Handle(work);
        }
        else if (work.Act != PackageAct.Drop)
        {
            _host.Post(work.Act == PackageAct.Admit
                ? new NodeInput.PackageJudged(work.Release, IsAdmitted: false)
                : new NodeInput.PackageHeld(work.Release, 0));
        }
    }

    private static HashSet<Digest> NeededBy(NodeAgent node)
    {
        var needed = new HashSet<Digest>();
        foreach (SkillSlot slot in node.Skills?.Slots.Values ?? [])
        {
            _ = needed.Add(slot.Active);
            _ = needed.Add(slot.Previous);
            if (slot.IsOpen)
            {
                _ = needed.Add(slot.Release);
            }
        }

        if (node.Cores?.Slot is { State: SkillState.Fetching or SkillState.Admitting or SkillState.Shadowing }
            trial)
        {
            _ = needed.Add(trial.Release);
        }

        return needed;
    }

    /// <summary>Waits for what is under way, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _telling;
        await _parts.Uplink.DisposeAsync();
        _stop.Dispose();
        await _host.DisposeAsync();
    }
}
