using System.Diagnostics;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;
using Hanse.IO.Journal;
using Hanse.IO.Runtime;

namespace Hanse.IO.Plane;

/// <summary>Carries out what the strategic layer asks for, wherever it is hosted.</summary>
/// <param name="router">Takes frames and answers.</param>
/// <param name="ports">Takes the rest.</param>
public sealed class StrategyDriver(IPlaneRouter router, IPlanePorts ports) : IEffectDriver<StrategyEffect>
{
    /// <inheritdoc/>
    public void CarryOut(StrategyEffect effect)
    {
        switch (effect)
        {
            case StrategyEffect.Transmit(var frame):
                router.Route(frame);
                break;
            case StrategyEffect.Verify verify:
                _ = Task.Run(() => router.Answer(new StrategyInput.Verified(
                    verify.Region, verify.Request,
                    Ed25519Keys.Verify(verify.PublicKey, verify.Message, verify.Signature))));
                break;
            case StrategyEffect.Refuse(var from, var kind, var reason):
                ports.Refused(Party.Strategy, from, kind, reason);
                break;
            default:
                throw new UnreachableException($"no rule for {effect}");
        }
    }
}
