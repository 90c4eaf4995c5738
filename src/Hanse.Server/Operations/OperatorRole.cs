using System.Collections.Immutable;

namespace Hanse.Server.Operations;

/// <summary>What somebody may do. A role may do what those before it may, but for depots, which do what
/// nobody else may.</summary>
public enum OperatorRole
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Looks.</summary>
    Viewer = 1,

    /// <summary>Orders work and decides cases.</summary>
    Operator = 2,

    /// <summary>Lets nodes in, gives up regions, reads the audit trail.</summary>
    Admin = 3,

    /// <summary>Says what a scale or an instrument says: no person.</summary>
    Depot = 4,
}

/// <summary>Roles as they are written.</summary>
public static class OperatorRoles
{
    /// <summary>The first.</summary>
    public const string Viewer = "viewer";

    /// <summary>The second.</summary>
    public const string Operator = "operator";

    /// <summary>The third.</summary>
    public const string Admin = "admin";

    /// <summary>The last, which is apart.</summary>
    public const string Depot = "depot";

    /// <summary>All of them, in order.</summary>
    public static ImmutableArray<string> All { get; } = [Viewer, Operator, Admin, Depot];

    /// <summary>As it is written.</summary>
    public static string Text(this OperatorRole role) => All[(int)role - 1];

    /// <summary>What a role includes, itself last.</summary>
    public static ImmutableArray<string> Included(this OperatorRole role) =>
        role == OperatorRole.Depot ? [Depot] : All[..(int)role];

    /// <summary>The role of a word; null for any other word.</summary>
    public static OperatorRole? Parse(string word) =>
        All.IndexOf(word) is var place and >= 0 ? (OperatorRole)(place + 1) : null;
}
