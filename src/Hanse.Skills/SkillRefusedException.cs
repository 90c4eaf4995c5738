using System;

namespace Hanse.Skills;

/// <summary>A module is not taken, or a run is ended by its host. Never leaves this project: it becomes a
/// refusal or the reason of an abstention.</summary>
public sealed class SkillRefusedException : Exception
{
    /// <summary>Something is wrong somewhere.</summary>
    public SkillRefusedException()
    {
    }

    /// <summary>What is wrong, and what is allowed.</summary>
    public SkillRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>What is wrong, and why.</summary>
    public SkillRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
