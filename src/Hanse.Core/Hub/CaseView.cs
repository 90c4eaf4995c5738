using System;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;

namespace Hanse.Core.Hub;

/// <summary>A case in words, for whoever shows it: a command line, an interface, a page.</summary>
public sealed record CaseView
{
    /// <summary>The region whose hub asks.</summary>
    public required RegionId Region { get; init; }

    /// <summary>Its number there.</summary>
    public required ulong Number { get; init; }

    /// <summary>When it was opened.</summary>
    public required Instant At { get; init; }

    /// <summary>Where it stands.</summary>
    public required CaseStatus Status { get; init; }

    /// <summary>How often the same was met since.</summary>
    public required int Times { get; init; }

    /// <summary>The kind of conflict by name, or that a return is in quarantine.</summary>
    public required string Kind { get; init; }

    /// <summary>The node it is about.</summary>
    public required NodeId Node { get; init; }

    /// <summary>What is contested, in one sentence.</summary>
    public required string About { get; init; }

    /// <summary>What was found, by name; empty for a conflict.</summary>
    public required ImmutableArray<string> Reasons { get; init; }

    /// <summary>What holds until somebody decides.</summary>
    public required string Meanwhile { get; init; }

    /// <summary>What accepting does.</summary>
    public required string IfAccepted { get; init; }

    /// <summary>What rejecting does.</summary>
    public required string IfRejected { get; init; }

    /// <summary>A case as people read it.</summary>
    public static CaseView Of(RegionId region, ReviewCase known) => known.Matter switch
    {
        ReviewMatter.Doubt doubt => new CaseView
        {
            Region = region,
            Number = known.Number,
            At = known.At,
            Status = known.Status,
            Times = known.Times,
            Kind = "QuarantinedReturn",
            Node = doubt.Node,
            About = Text($"The return of node {doubt.Node.Value} after block {doubt.Blocks} is doubted."),
            Reasons = [.. Names(doubt.Reasons)],
            Meanwhile = "The node finishes what it was allotted, comes home and refuels; it bids not.",
            IfAccepted = doubt.CanBeTaken
                ? "What it says is taken over, and its claims are merged; it may bid again."
                : "It may bid, and return again, to be judged anew: this return is not whole or not its own.",
            IfRejected = "It stays in quarantine; the case stays, and may be accepted later.",
        },
        ReviewMatter.Contradiction(var conflict) => new CaseView
        {
            Region = region,
            Number = known.Number,
            At = known.At,
            Status = known.Status,
            Times = known.Times,
            Kind = conflict.Kind.ToString(),
            Node = conflict.Theirs.Node,
            About = Contested(conflict),
            Reasons = [],
            Meanwhile = conflict.Rule.Sentence(),
            IfAccepted = "The rule stands.",
            IfRejected = conflict.Kind is ConflictKind.CountedTwice or ConflictKind.LateDelivery
                ? "What was not counted is paid from what nobody has delivered or holds; nothing if none is "
                    + "left, or the bounty is closed."
                : "It is noted that the node was right; nothing is undone, and nobody loses what he holds.",
        },
        _ => throw new UnreachableException($"no words for {known.Matter}"),
    };

    private static string Contested(Conflict conflict)
    {
        ConflictClaim theirs = conflict.Theirs;
        ConflictClaim ours = conflict.Ours;
        string against = ours.Node == theirs.Node ? "the hub's books" : Text($"node {ours.Node.Value}");
        string subject = conflict.Kind switch
        {
            ConflictKind.DoubleAllocation => "a lease on",
            ConflictKind.StaleLease => "work under an authority over",
            ConflictKind.DepletedFeedstock => "site",
            ConflictKind.LateDelivery or ConflictKind.CountedTwice => "grams delivered for contract",
            ConflictKind.ContradictingMaps => "tile",
            ConflictKind.OverSpentQuota => "spending of quota",
            ConflictKind.StockMismatch => "cargo or docking",
            _ => throw new UnreachableException($"no words for {conflict.Kind}"),
        };
        return Text($"Node {theirs.Node.Value} against {against}: {subject} {conflict.Subject}, ")
            + Text($"{theirs.Amount} under epoch {theirs.Epoch.Value} against ")
            + Text($"{ours.Amount} under epoch {ours.Epoch.Value}.");
    }

    private static string[] Names(ImmutableArray<ulong> codes)
    {
        string[] names = new string[codes.Length];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = ((ReasonCode)Math.Min(codes[i], int.MaxValue)).ToString();
        }

        return names;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
