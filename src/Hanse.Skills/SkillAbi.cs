namespace Hanse.Skills;

/// <summary>How a skill and its host meet: <c>hanse:skill/1</c>, the flat form of what
/// <c>docs/protocol/skills.md</c> says as WIT. Numbers and names here are that document's.</summary>
public static class SkillAbi
{
    /// <summary>The version that this host speaks.</summary>
    public const int Version = 1;

    /// <summary>Where everything that a skill may ask of its host is imported from.</summary>
    public const string HostModule = "hanse";

    /// <summary>The one memory of a skill, exported.</summary>
    public const string Memory = "memory";

    /// <summary><c>() -> i32</c>: the version that the skill speaks.</summary>
    public const string VersionFunction = "hanse_skill_abi";

    /// <summary><c>(length: i32) -> i32</c>: where the host is to put so many bytes; zero when there is no
    /// room for them.</summary>
    public const string InputFunction = "hanse_input";

    /// <summary><c>(at: i32) -> i32</c>: prices the trip whose numbers are there, puts its answer in their
    /// place, and returns 1, or 0 to abstain.</summary>
    public const string BidFunction = "bid";

    /// <summary><c>(at: i32, length: i32) -> i64</c>: decides the question that is there, and returns where
    /// its answer is (upper half) and how long (lower half), or a negative number to abstain.</summary>
    public const string DecideFunction = "decide";

    /// <summary><c>() -> i32</c>: 0 when the skill finds itself in order, else a number of its own.</summary>
    public const string SelfCheckFunction = "selfcheck";

    /// <summary>Size of a page of memory, bytes.</summary>
    public const int PageBytes = 65_536;
}
