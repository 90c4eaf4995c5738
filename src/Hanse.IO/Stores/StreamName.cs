using System;
using System.Globalization;
using Hanse.Core.Identity;

namespace Hanse.IO.Stores;

/// <summary>Which machine's memory: <c>strategy</c>, <c>hub/7</c>, <c>node/1042</c>.</summary>
public readonly record struct StreamName
{
    /// <summary>Most characters of a name.</summary>
    public const int LengthMax = 64;

    /// <summary>The strategic layer's memory.</summary>
    public static StreamName Strategy { get; } = new("strategy");

    /// <summary>The memory of a region's hub.</summary>
    public static StreamName Hub(RegionId region) =>
        new(string.Create(CultureInfo.InvariantCulture, $"hub/{region.Value}"));

    /// <summary>A node's memory.</summary>
    public static StreamName Node(NodeId node) =>
        new(string.Create(CultureInfo.InvariantCulture, $"node/{node.Value}"));

    /// <summary>A name.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, or has other characters than small letters,
    /// digits, hyphen and slash.</exception>
    public StreamName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isName = text.Length is > 0 and <= LengthMax;
        foreach (char letter in text)
        {
            isName &= char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '/';
        }

        if (!isName)
        {
            throw new ArgumentException($"'{text}' is no name of a stream", nameof(text));
        }

        Text = text;
    }

    /// <summary>The name.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
