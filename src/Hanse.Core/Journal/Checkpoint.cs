using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>What a machine signs of its journal: whose it is, how long, and its root.</summary>
/// <remarks>
/// The text of a C2SP <c>tlog-checkpoint</c>: the origin, the size in decimal, the root in base64, then
/// lines of extensions, each line ended by a newline. It is the body of a <see cref="SignedNote"/>. Two of
/// one origin and size with different roots prove that it told two stories.
/// </remarks>
/// <param name="Origin">Whose journal: see <see cref="OriginOf"/>.</param>
/// <param name="Head">Size and root.</param>
/// <param name="Extensions">Lines that others may understand; none is empty.</param>
public sealed record Checkpoint(string Origin, TreeHead Head, ImmutableArray<string> Extensions)
{
    /// <summary>Most lines of extensions.</summary>
    public const int ExtensionsMax = 8;

    /// <summary>Most characters of a line.</summary>
    public const int LineMax = 256;

    /// <summary>A checkpoint without extensions.</summary>
    public Checkpoint(string origin, TreeHead head)
        : this(origin, head, [])
    {
    }

    /// <summary>The origin of a journal, which is also the name of its writer's key: <c>hanse/node/7</c>,
    /// <c>hanse/hub/3</c>.</summary>
    public static string OriginOf(Party author) => author.Kind == PartyKind.Hub
        ? string.Create(null, $"hanse/hub/{author.Number}")
        : string.Create(null, $"hanse/node/{author.Number}");

    /// <summary>Reads the text of a checkpoint. Only what <see cref="ToText"/> writes is accepted.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out Checkpoint? checkpoint,
        [NotNullWhen(false)] out DecodeError? error)
    {
        checkpoint = null;
        string[] lines = text.Split('\n', ExtensionsMax + 4);
        string? reason = lines.Length < 4 ? "a checkpoint has three lines: origin, size and root"
            : lines[^1].Length != 0 ? "a checkpoint must end with a newline and have at most eight extensions"
            : null;
        if (reason is null)
        {
            ImmutableArray<string> extensions = [.. lines.AsSpan()[3..^1]];
            TreeHead head = default;
            reason = Refusal(lines[0], extensions) ?? ReadHead(lines[1], lines[2], out head);
            checkpoint = reason is null ? new Checkpoint(lines[0], head, extensions) : null;
        }

        error = reason is null ? null : new DecodeError(0, reason);
        return error is null;

        static string? ReadHead(string size, string root, out TreeHead head)
        {
            head = default;
            if (!ulong.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
                || count > long.MaxValue || (size.Length > 1 && size[0] == '0'))
            {
                return "the size of a checkpoint must be a decimal number without leading zeros";
            }

            if (!Base64.TryRead(root, Digest.Length, out byte[] bytes) || bytes.Length != Digest.Length)
            {
                return "the root of a checkpoint must be 32 bytes in base64";
            }

            head = new TreeHead(count, Digest.From(bytes));
            return null;
        }
    }

    /// <summary>The text that is signed.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        _ = text.Append(Origin).Append('\n')
            .Append(CultureInfo.InvariantCulture, $"{Head.Size}\n")
            .Append(Convert.ToBase64String(Head.Root.ToArray())).Append('\n');
        foreach (string extension in Extensions)
        {
            _ = text.Append(extension).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Same origin, head and extensions.</summary>
    public bool Equals(Checkpoint? other) => other is not null && ToText() == other.ToText();

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Head.Root.A);

    private static string? Refusal(string origin, ImmutableArray<string> extensions)
    {
        if (origin.Length is 0 or > LineMax || !NoteKey.IsName(origin))
        {
            return "the origin of a checkpoint must be a name without blanks and plus signs";
        }

        foreach (string extension in extensions)
        {
            if (extension.Length is 0 or > LineMax)
            {
                return "an extension of a checkpoint must have 1 to 256 characters";
            }
        }

        return null;
    }
}
