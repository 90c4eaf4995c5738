using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <summary>How far the holder of a contract is, by the plan that its hub has.</summary>
/// <param name="HasLeft">Whether it has left its depot: then it must go there and come back.</param>
/// <param name="HasCargo">Whether there is cargo aboard.</param>
/// <param name="Passed">Of the time from the award to the delivery, what is over.</param>
/// <param name="Digging">Of that time, what is still to be spent on extraction.</param>
public readonly record struct Progress(
    bool HasLeft, bool HasCargo, PartsPerMillion Passed, PartsPerMillion Digging);
