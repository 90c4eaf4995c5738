using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What a case is about.</summary>
public abstract record ReviewMatter : IShaped<ReviewMatter>
{
    /// <summary>Most reasons of a doubted return.</summary>
    public const int ReasonsMax = 64;

    private ReviewMatter()
    {
    }

    /// <summary>A conflict that no rule settles: what its rule said holds until somebody looks.</summary>
    public sealed record Contradiction(Conflict Conflict) : ReviewMatter;

    /// <summary>A return in quarantine.</summary>
    /// <param name="Node">Whose.</param>
    /// <param name="Blocks">Blocks of its journal that are accepted: the return begins there.</param>
    /// <param name="Reasons">Codes of what was found, rising.</param>
    /// <param name="CanBeTaken">Whether it is the node's own and whole, so that accepting takes over what it
    /// says; else accepting only lets the node return again.</param>
    public sealed record Doubt(NodeId Node, ulong Blocks, ImmutableArray<ulong> Reasons, bool CanBeTaken)
        : ReviewMatter;

    /// <summary>Whether another matter is the same, so that one look is enough.</summary>
    public bool IsSame(ReviewMatter other) => (this, other) switch
    {
        (Contradiction(var mine), Contradiction(var theirs)) => mine.IsSame(theirs),
        (Doubt mine, Doubt theirs) => mine.Node == theirs.Node,
        _ => false,
    };

    /// <inheritdoc/>
    public static ReviewMatter Shape<TCodec>(ref TCodec codec, ReviewMatter? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("matter", value switch
        {
            null => 0,
            Contradiction => 1,
            Doubt => 2,
            _ => throw new UnreachableException(),
        }, 2);
        ReviewMatter matter;
        if (tag == 1)
        {
            var contradiction = (Contradiction?)value;
            codec.Open("contradiction", 1);
            Conflict conflict = Conflict.Shape(ref codec, contradiction?.Conflict);
            matter = contradiction ?? new Contradiction(conflict);
        }
        else
        {
            var doubt = (Doubt?)value;
            codec.Open("doubt", 4);
            NodeId node = codec.Node("node", doubt?.Node ?? default);
            ulong blocks = codec.Count("blocks", doubt?.Blocks ?? 0);
            ImmutableArray<ulong> reasons = codec.Numbers("reasons", doubt?.Reasons ?? [], ReasonsMax);
            bool canBeTaken = codec.Flag("canBeTaken", doubt?.CanBeTaken ?? false);
            matter = doubt ?? new Doubt(node, blocks, reasons, canBeTaken);
        }

        codec.Close();
        return matter;
    }
}
