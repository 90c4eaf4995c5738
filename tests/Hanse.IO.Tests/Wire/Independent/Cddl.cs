using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Hanse.IO.Tests.Wire.Independent;

/// <summary>The published schema, read and enforced as it stands in docs/protocol/messages.cddl.</summary>
/// <remarks>
/// The subset of CDDL (RFC 8610) which that file uses: rules, choices of types, ranges and single numbers,
/// <c>bytes .size n</c> and <c>bytes .size (n..m)</c>, arrays with names and occurrences <c>n*m</c>, and
/// named numbers <c>&amp;( a: 1 )</c>. Anything else in the file is an error here, so that the file cannot
/// say more than is enforced.
/// </remarks>
internal sealed partial class Cddl
{
    private readonly Dictionary<string, CddlType> _rules = [];
    private readonly string[] _tokens;
    private int _at;

    private Cddl(string text)
    {
        _tokens =
            [.. Token().Matches(text).Select(match =>
                match.Value).Where(word => word[0] is not (';' or ' '))];
        while (_at < _tokens.Length)
        {
            string name = Take();
            Expect("=");
            _rules.Add(name, Choice());
        }

        Extras = [.. Extra().Matches(text).Select(match => match.Groups[1].Value)];
    }

    /// <summary>Names of the rules that comments state and CDDL cannot.</summary>
    internal IReadOnlyList<string> Extras { get; }

    internal static Cddl Parse(string text) => new(text);

    /// <summary>Whether an item is what a rule says.</summary>
    /// <param name="rule">The rule's name.</param>
    /// <param name="item">The item.</param>
    /// <param name="also">What must hold besides, of an item that some named rule describes.</param>
    internal bool Matches(string rule, CborTree item, Func<string, CborTree, bool> also) =>
        Matches(new CddlType.Named(rule), item, also);

    /// <summary>The most bytes an item of a type can take.</summary>
    internal int SizeMax(CddlType type) => type switch
    {
        CddlType.Range range => Math.Max(Head(range.Min), Head(range.Max)),
        CddlType.Bytes bytes => Head(bytes.SizeMax) + bytes.SizeMax,
        CddlType.Array array =>
            Head(array.Entries.Sum(entry => entry.CountMax))
            + array.Entries.Sum(entry => entry.CountMax * SizeMax(entry.Type)),
        CddlType.Either either => either.Choices.Max(SizeMax),
        CddlType.Named named => SizeMax(_rules[named.Rule]),
        _ => throw new InvalidOperationException($"no size of {type}"),
    };

    /// <summary>The messages: the rule of each kind's body.</summary>
    internal Dictionary<int, string> Kinds() =>
        ((CddlType.Either)_rules["message"]).Choices.Cast<CddlType.Array>().ToDictionary(
            pair => (int)((CddlType.Range)pair.Entries[0].Type).Min,
            pair => ((CddlType.Named)pair.Entries[1].Type).Rule);

    private bool Matches(CddlType type, CborTree item, Func<string, CborTree, bool> also) => type switch
    {
        CddlType.Range range => item.Number is { } number && number >= range.Min && number <= range.Max,
        CddlType.Bytes bytes => item.Length >= bytes.SizeMin && item.Length <= bytes.SizeMax,
        CddlType.Array array => item.Elements is { } elements && Matches(array.Entries, elements, also),
        CddlType.Either either => either.Choices.Any(choice => Matches(choice, item, also)),
        CddlType.Named named => Matches(_rules[named.Rule], item, also) && also(named.Rule, item),
        _ => throw new InvalidOperationException($"no rule for {type}"),
    };

    private bool Matches(
        IReadOnlyList<CddlEntry> entries, IReadOnlyList<CborTree> elements, Func<string, CborTree, bool> also)
    {
        int at = 0;
        foreach (CddlEntry entry in entries)
        {
            int count = 0;
            while (count < entry.CountMax && at < elements.Count && Matches(entry.Type, elements[at], also))
            {
                count++;
                at++;
            }

            if (count < entry.CountMin)
            {
                return false;
            }
        }

        return at == elements.Count;
    }

    private CddlType Choice()
    {
        List<CddlType> choices = [Single()];
        while (Peek() == "/")
        {
            Expect("/");
            choices.Add(Single());
        }

        return choices.Count == 1 ? choices[0] : new CddlType.Either(choices);
    }

    private CddlType Single()
    {
        string token = Take();
        switch (token)
        {
            case "[":
                return new CddlType.Array(Group("]", Entry));
            case "&":
                Expect("(");
                return new CddlType.Either(Group(")", NamedNumber));
            case "bytes":
                Expect(".size");
                return Size();
            case [>= 'a' and <= 'z', ..]:
                return new CddlType.Named(token);
            default:
                Int128 min = Number(token);
                if (Peek() != "..")
                {
                    return new CddlType.Range(min, min);
                }

                Expect("..");
                return new CddlType.Range(min, Number(Take()));
        }
    }

    private List<T> Group<T>(string close, Func<T> element)
    {
        List<T> elements = [];
        while (Peek() != close)
        {
            elements.Add(element());
            if (Peek() == ",")
            {
                Expect(",");
            }
        }

        Expect(close);
        return elements;
    }

    // One size, or a range of sizes in brackets.
    private CddlType.Bytes Size()
    {
        if (Peek() != "(")
        {
            int size = (int)Number(Take());
            return new CddlType.Bytes(size, size);
        }

        Expect("(");
        int min = (int)Number(Take());
        Expect("..");
        int max = (int)Number(Take());
        Expect(")");
        return new CddlType.Bytes(min, max);
    }

    private CddlEntry Entry()
    {
        int countMin = 1;
        int countMax = 1;
        if (Peek(1) == "*")
        {
            countMin = (int)Number(Take());
            Expect("*");
            countMax = (int)Number(Take());
        }

        if (Peek(1) == ":")
        {
            _ = Take();
            Expect(":");
        }

        return new CddlEntry(countMin, countMax, Choice());
    }

    private CddlType NamedNumber()
    {
        _ = Take();
        Expect(":");
        return Single();
    }

    private static Int128 Number(string token) => Int128.Parse(token, CultureInfo.InvariantCulture);

    private static int Head(Int128 value) => (value < 0 ? -1 - value : value) switch
    {
        var small when small < 24 => 1,
        var one when one <= byte.MaxValue => 2,
        var two when two <= ushort.MaxValue => 3,
        var four when four <= uint.MaxValue => 5,
        _ => 9,
    };

    private string Take() => _tokens[_at++];

    private string? Peek(int ahead = 0) => _at + ahead < _tokens.Length ? _tokens[_at + ahead] : null;

    private void Expect(string token)
    {
        string? found = Peek();
        if (found != token)
        {
            throw new FormatException($"expected {token}, found {found} as token {_at} of the CDDL");
        }

        _at++;
    }

    // White space becomes a token that starts with a blank, and is dropped with the comments.
    [GeneratedRegex(@";[^\n]*| +|[a-z][a-z0-9-]*|-?\d+|\.\.|\.size|[^\s]")]
    private static partial Regex Token();

    [GeneratedRegex(@"^; Rule ([a-z-]+):", RegexOptions.Multiline)]
    private static partial Regex Extra();
}

/// <summary>One element of an array, or several alike.</summary>
internal sealed record CddlEntry(int CountMin, int CountMax, CddlType Type);

/// <summary>A type of the subset.</summary>
internal abstract record CddlType
{
    private CddlType()
    {
    }

    internal sealed record Range(Int128 Min, Int128 Max) : CddlType;

    internal sealed record Bytes(int SizeMin, int SizeMax) : CddlType;

    internal sealed record Array(IReadOnlyList<CddlEntry> Entries) : CddlType;

    internal sealed record Either(IReadOnlyList<CddlType> Choices) : CddlType;

    internal sealed record Named(string Rule) : CddlType;
}
