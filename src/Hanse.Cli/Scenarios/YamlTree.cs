using System;
using System.Collections.Generic;
using System.IO;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Hanse.Cli.Scenarios;

/// <summary>A value of a YAML file.</summary>
internal abstract record YamlValue
{
    private YamlValue(Mark start) => Start = start;

    /// <summary>Where it begins.</summary>
    public Mark Start { get; }

    /// <summary>How a message calls it.</summary>
    public abstract string InWords { get; }

    /// <summary>A single value; <paramref name="IsPlain"/> when it has no quotes.</summary>
    internal sealed record One(Mark Place, string Text, bool IsPlain) : YamlValue(Place)
    {
        public override string InWords => IsPlain && Text.Length == 0 ? "nothing" : $"'{Shorten(Text)}'";

        private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
    }

    /// <summary>Keys and values in the order of the file; a key may come twice.</summary>
    internal sealed record Map(Mark Place, List<(One Key, YamlValue Value)> Entries) : YamlValue(Place)
    {
        public override string InWords => "a section";
    }

    /// <summary>Values in the order of the file.</summary>
    internal sealed record Series(Mark Place, List<YamlValue> Items) : YamlValue(Place)
    {
        public override string InWords => "a list";
    }
}

/// <summary>Reads the one document of a YAML file into values that know their line and column.</summary>
/// <remarks>What a scenario does not need is refused, because it is where the bombs and the surprises of YAML
/// are: anchors, aliases, tags, several documents, deep nesting, keys that are not plain words.</remarks>
internal static class YamlTree
{
    // A scenario needs three levels.
    private const int DepthMax = 8;

    /// <summary>The document, or null when the file has none.</summary>
    /// <exception cref="YamlException">Not YAML, or not YAML that a scenario needs; with its
    /// place.</exception>
    public static YamlValue? Read(TextReader text)
    {
        var scanner = new Scanner(text);
        try
        {
            return Document(new Parser(scanner));
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 18.1.0 throws this from ScanPlainScalar for some texts, of which 'a: [1' is one.
            Mark place = scanner.CurrentPosition;
            throw new YamlException(place, place, "not YAML; is a bracket or a quotation mark not closed?");
        }
    }

    private static YamlValue? Document(Parser parser)
    {
        _ = parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        _ = parser.Consume<DocumentStart>();
        YamlValue value = Value(parser, 0);
        _ = parser.Consume<DocumentEnd>();
        if (!parser.TryConsume<StreamEnd>(out _))
        {
            throw Refusal(parser.Current!, "a second document begins; allowed: one scenario in a file");
        }

        return value;
    }

    private static YamlValue Value(Parser parser, int depth)
    {
        ParsingEvent current = parser.Consume<ParsingEvent>();
        if (current is not NodeEvent node)
        {
            throw Refusal(current, current is AnchorAlias
                ? "aliases are not allowed; write the value again"
                : "a value is wanted here");
        }

        if (!node.Anchor.IsEmpty)
        {
            throw Refusal(node, "anchors are not allowed; write the value where it is needed");
        }

        if (!node.Tag.IsEmpty)
        {
            throw Refusal(node, "tags are not allowed; write the value without it");
        }

        if (depth > DepthMax)
        {
            throw Refusal(node, "nested too deeply for a scenario");
        }

        return node switch
        {
            Scalar scalar => new YamlValue.One(scalar.Start, scalar.Value, scalar.Style == ScalarStyle.Plain),
            MappingStart => Map(parser, node.Start, depth),
            SequenceStart => Series(parser, node.Start, depth),
            _ => throw Refusal(node, "a value is wanted here"),
        };
    }

    private static YamlValue.Map Map(Parser parser, Mark start, int depth)
    {
        List<(YamlValue.One, YamlValue)> entries = [];
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            YamlValue key = Value(parser, depth + 1);
            if (key is not YamlValue.One word)
            {
                throw new YamlException(key.Start, key.Start, "a key must be a word");
            }

            entries.Add((word, Value(parser, depth + 1)));
        }

        return new YamlValue.Map(start, entries);
    }

    private static YamlValue.Series Series(Parser parser, Mark start, int depth)
    {
        List<YamlValue> items = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Value(parser, depth + 1));
        }

        return new YamlValue.Series(start, items);
    }

    private static YamlException Refusal(ParsingEvent place, string reason) =>
        new(place.Start, place.End, reason);
}
