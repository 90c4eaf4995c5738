using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Hanse.Skills.Packages;

/// <summary>A value of JSON, as packages and metadata may have it: with one reading everywhere.</summary>
/// <remarks>
/// Two readers of JSON may take the same bytes for different things: the first or the last of two equal keys,
/// a number that one of them rounds. What is signed must not depend on that. So duplicate keys, fractions,
/// numbers beyond 2^53 and keys that are not plain ASCII are refused, and depth and count are limited.
/// Canonical form: <c>http://wiki.laptop.org/go/Canonical_JSON</c>, which The Update Framework signs: keys
/// in order, no blanks, nothing escaped but the quotation mark and the backslash.
/// </remarks>
internal sealed class Json
{
    /// <summary>How deep lists and objects may lie within each other.</summary>
    public const int DepthMax = 12;

    /// <summary>Values of one file.</summary>
    public const int ValuesMax = 20_000;

    /// <summary>The largest whole number that every reader of JSON has exactly.</summary>
    public const long NumberMax = (1L << 53) - 1;

    /// <summary>Characters of a text, unless more are asked for.</summary>
    public const int TextMax = 256;

    private readonly SortedDictionary<string, Json>? _members;
    private readonly List<Json>? _items;
    private readonly string? _text;
    private readonly long? _number;
    private readonly bool? _flag;

    private Json(
        SortedDictionary<string, Json>? members = null, List<Json>? items = null, string? text = null,
        long? number = null, bool? flag = null) =>
        (_members, _items, _text, _number, _flag) = (members, items, text, number, flag);

    /// <summary>A text.</summary>
    public static Json Of(string text) => new(text: text);

    /// <summary>A whole number.</summary>
    public static Json Of(long number) => new(number: number);

    /// <summary>Yes or no.</summary>
    public static Json Of(bool flag) => new(flag: flag);

    /// <summary>A list.</summary>
    public static Json List(IEnumerable<Json> items) => new(items: [.. items]);

    /// <summary>A list of texts.</summary>
    public static Json List(IEnumerable<string> items) => List(items.Select(Of));

    /// <summary>An object. Members that are null are left out.</summary>
    public static Json Object(params IEnumerable<(string Name, Json? Value)> members)
    {
        var sorted = new SortedDictionary<string, Json>(StringComparer.Ordinal);
        foreach ((string name, Json? value) in members)
        {
            if (value is not null)
            {
                sorted.Add(name, value);
            }
        }

        return new Json(members: sorted);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="SkillRefusedException">It is not JSON of this kind.</exception>
    public static Json Parse(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new SkillRefusedException("it is no UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = DepthMax });
            int values = 0;
            _ = reader.Read();
            Json value = Read(ref reader, ref values);
            return reader.Read() ? throw new SkillRefusedException("it goes on after its end") : value;
        }
        catch (JsonException failure)
        {
            throw new SkillRefusedException("it is no JSON: " + FirstSentence(failure.Message));
        }
        catch (InvalidOperationException failure)
        {
            // Half of a pair of surrogates, written as an escape.
            throw new SkillRefusedException("it is no JSON: " + FirstSentence(failure.Message));
        }
    }

    /// <summary>The bytes that are signed, and whose digest names a key.</summary>
    public byte[] Canonical()
    {
        using var bytes = new MemoryStream();
        Write(bytes);
        return bytes.ToArray();
    }

    /// <summary>Names of an object's members, in order.</summary>
    public IEnumerable<string> Names => Members().Keys;

    /// <summary>A member of an object; null when it has none of this name.</summary>
    public Json? Find(string name) => Members().GetValueOrDefault(name);

    /// <summary>A member of an object.</summary>
    public Json Member(string name) => Find(name)
        ?? throw new SkillRefusedException($"it has no '{name}'");

    /// <summary>A member that is a text.</summary>
    public string Text(string name, int most = TextMax) => Member(name).AsText($"'{name}'", most);

    /// <summary>This value as a text.</summary>
    public string AsText(string what, int most = TextMax) => _text is null
        ? throw new SkillRefusedException($"{what} is no text")
        : _text.Length <= most ? _text
        : throw new SkillRefusedException(
            $"{what} has {Figure(_text.Length)} characters; allowed: up to {Figure(most)}");

    /// <summary>A member that is a whole number.</summary>
    public long Number(string name, long least, long most) =>
        Member(name)._number is { } number && number >= least && number <= most ? number
            : throw new SkillRefusedException(
                $"'{name}' is not a whole number from {Figure(least)} to {Figure(most)}");

    /// <summary>A member that is yes or no.</summary>
    public bool Flag(string name) => Member(name)._flag
        ?? throw new SkillRefusedException($"'{name}' is neither true nor false");

    /// <summary>A member that is a list.</summary>
    public IReadOnlyList<Json> Items(string name, int most)
    {
        List<Json> items = Member(name)._items ?? throw new SkillRefusedException($"'{name}' is no list");
        return items.Count <= most ? items
            : throw new SkillRefusedException(
                $"'{name}' has {Figure(items.Count)} entries; allowed: up to {Figure(most)}");
    }

    /// <summary>A member that is a list of texts.</summary>
    public string[] Texts(string name, int most, int textMax = TextMax) =>
        [.. Items(name, most).Select(item => item.AsText($"an entry of '{name}'", textMax))];

    /// <summary>A member that is an object of at most so many members.</summary>
    public Json Inner(string name, int most)
    {
        Json inner = Member(name);
        int count = inner._members?.Count ?? throw new SkillRefusedException($"'{name}' is no object");
        return count <= most ? inner
            : throw new SkillRefusedException(
                $"'{name}' has {Figure(count)} members; allowed: up to {Figure(most)}");
    }

    /// <summary>Refuses members of other names: what is not understood must not be passed over.</summary>
    public void Only(params string[] names)
    {
        if (Names.FirstOrDefault(name => !names.Contains(name)) is { } other)
        {
            throw new SkillRefusedException(
                $"it has '{other}', which is not known; known: {string.Join(", ", names)}");
        }
    }

    /// <summary>This object with members replaced or, where null is given, left out.</summary>
    public Json With(params (string Name, Json? Value)[] members) => Object(
        Names.Where(name => members.All(member => member.Name != name))
            .Select(name => (name, (Json?)Member(name))).Concat(members));

    private static Json Read(ref Utf8JsonReader reader, ref int values)
    {
        if (++values > ValuesMax)
        {
            throw new SkillRefusedException($"it has more than {Figure(ValuesMax)} values");
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new SortedDictionary<string, Json>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = Key(reader.GetString()!);
                    _ = reader.Read();
                    if (!members.TryAdd(name, Read(ref reader, ref values)))
                    {
                        throw new SkillRefusedException($"it has '{name}' twice in one object");
                    }
                }

                return new Json(members: members);
            case JsonTokenType.StartArray:
                var items = new List<Json>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, ref values));
                }

                return new Json(items: items);
            case JsonTokenType.String:
                return Of(reader.GetString()!);
            case JsonTokenType.Number:
                return Of(Whole(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return Of(reader.GetBoolean());
            default:
                return new Json();
        }
    }

    private static string Key(string name) =>
        name.Length is > 0 and <= TextMax && name.All(letter => letter is >= ' ' and <= '~') ? name
            : throw new SkillRefusedException(
                $"it has a key that is not of 1 to {Figure(TextMax)} characters of plain ASCII");

    private static long Whole(ReadOnlySpan<byte> digits)
    {
        string text = Encoding.ASCII.GetString(digits);
        return long.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number is >= -NumberMax and <= NumberMax
            && number.ToString(CultureInfo.InvariantCulture) == text ? number
            : throw new SkillRefusedException(
                $"it has the number {(text.Length > 24 ? text[..24] + "..." : text)}; allowed: whole ones of "
                    + "up to 53 bits");
    }

    private SortedDictionary<string, Json> Members() =>
        _members ?? throw new SkillRefusedException("it is no object where there must be one");

    private void Write(MemoryStream bytes)
    {
        if (_members is not null)
        {
            string before = "{";
            foreach ((string name, Json value) in _members)
            {
                Put(bytes, before);
                PutText(bytes, name);
                Put(bytes, ":");
                value.Write(bytes);
                before = ",";
            }

            Put(bytes, _members.Count == 0 ? "{}" : "}");
        }
        else if (_items is not null)
        {
            string before = "[";
            foreach (Json item in _items)
            {
                Put(bytes, before);
                item.Write(bytes);
                before = ",";
            }

            Put(bytes, _items.Count == 0 ? "[]" : "]");
        }
        else if (_text is not null)
        {
            PutText(bytes, _text);
        }
        else
        {
            Put(bytes, _number is { } number ? number.ToString(CultureInfo.InvariantCulture)
                : _flag is { } flag ? (flag ? "true" : "false") : "null");
        }
    }

    private static void PutText(MemoryStream bytes, string text) => Put(
        bytes, "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal) + "\"");

    private static void Put(MemoryStream bytes, string text) => bytes.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>A number as refusals tell it.</summary>
    public static string Figure(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A refusal without signs that a terminal would obey: it may quote what a stranger
    /// wrote.</summary>
    public static string Printable(string text) =>
        new([.. text.Select(letter => char.IsControl(letter) ? '?' : letter)]);

    private static string FirstSentence(string text) => text.Split(". ", 2)[0].TrimEnd('.');
}
