namespace Hanse.Core.Identity;

/// <summary>What a machine is, as far as a release may depend on it.</summary>
/// <param name="Class">Its capability class: what it can do.</param>
/// <param name="Generation">Its hardware generation: how it is built, and how fast it computes.</param>
public readonly record struct MachineKind(int Class, int Generation);
