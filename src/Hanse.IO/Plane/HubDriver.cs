using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.IO.Journal;
using Hanse.IO.Runtime;

namespace Hanse.IO.Plane;

/// <summary>Where machines' answers and frames go.</summary>
public interface IPlaneRouter
{
    /// <summary>A frame of a machine of this plane, to another of it or to a node.</summary>
    void Route(Frame frame);

    /// <summary>An answer to what a hub asked its driver.</summary>
    void Answer(RegionId region, HubInput answer);

    /// <summary>An answer to what the strategic layer asked its driver.</summary>
    void Answer(Core.Strategy.StrategyInput answer);
}

/// <summary>Carries out what a hub asks for, wherever it is hosted.</summary>
/// <param name="region">The hub's region.</param>
/// <param name="key">What it signs its journal with.</param>
/// <param name="router">Takes frames and answers.</param>
/// <param name="ports">Takes the rest.</param>
/// <param name="answers">Keeps what depots are answered.</param>
public sealed class HubDriver(
    RegionId region, Ed25519Keys key, IPlaneRouter router, IPlanePorts ports, DepotAnswers answers)
    : IEffectDriver<HubEffect>
{
    /// <inheritdoc/>
    public void CarryOut(HubEffect effect)
    {
        switch (effect)
        {
            case HubEffect.Transmit(var frame):
                router.Route(frame);
                break;
            case HubEffect.Serve serve:
                answers.Put(serve);
                ports.Serve(region, serve);
                break;
            case HubEffect.Issue issue:
                answers.Put(issue);
                ports.Issue(region, issue);
                break;
            case HubEffect.BirthAnswered born:
                answers.Put(born);
                break;
            case HubEffect.Retired(var old):
                ports.Retired(region, old);
                break;
            case HubEffect.DrawNonce(var node, var blocks):
                var nonce = Digest.From(RandomNumberGenerator.GetBytes(Digest.Length));
                router.Answer(region, new HubInput.NonceDrawn(node, blocks, nonce));
                break;
            case HubEffect.Verify verify:
                // Some 50 us: not in the hub's turn.
                _ = Task.Run(() => router.Answer(region, new HubInput.Verified(
                    verify.Node, verify.Request,
                    Ed25519Keys.Verify(verify.PublicKey, verify.Message, verify.Signature))));
                break;
            case HubEffect.Sign(var blocks, var text):
                router.Answer(region, new HubInput.Signed(blocks, key.Sign(text)));
                break;
            case HubEffect.ReadPackage(var node, var release, var from, var count):
                byte[] bytes = ports.ReadPackage(release, from, count);
                router.Answer(region, new HubInput.PackageRead(node, release, from, bytes));
                break;
            case HubEffect.Refuse(var from, var kind, var reason):
                ports.Refused(Party.Of(region), from, kind, reason);
                break;
            default:
                throw new UnreachableException($"no rule for {effect}");
        }
    }
}
