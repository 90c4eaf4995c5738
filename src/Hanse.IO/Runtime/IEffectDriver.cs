namespace Hanse.IO.Runtime;

/// <summary>Carries out what a machine asks for.</summary>
public interface IEffectDriver<in TEffect>
{
    /// <summary>Carries out one effect, whose facts are durable. Called in the machine's turn, in order; must
    /// not wait and must not throw. An answer is given to the machine as an input of its own.</summary>
    void CarryOut(TEffect effect);
}
