using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Hanse.Simulation.Scenarios;
using YamlDotNet.Core;

namespace Hanse.Cli.Scenarios;

/// <summary>Reads a scenario out of a YAML tree and collects every mistake on the way.</summary>
/// <remarks>
/// Strict: what is not in the table is a mistake, as is what is missing, written twice, of another kind or
/// out of range. A field with a mistake gets some value of its kind, so that the walk goes on and all
/// mistakes come to light at once; the scenario is handed out only when there are none.
/// </remarks>
internal sealed class ScenarioReader : IScenarioCodec
{
    private readonly string _file;
    private readonly List<Mistake> _mistakes = [];

    // Where each field is, by path, for the rules between fields.
    private readonly Dictionary<string, Mark> _places = new(StringComparer.Ordinal);

    // Paths of fields whose value cannot be relied on.
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);

    // The section being read; null inside one that is missing or no section, which is silent about its
    // fields.
    private YamlValue.Map? _section;

    // Path of that section, and the keys asked of it so far.
    private string _path = "";
    private List<string> _asked = [];

    private ScenarioReader(string file) => _file = file;

    /// <summary>The scenario of a tree, or its mistakes in the order of the file.</summary>
    public static ScenarioLoad Read(string file, YamlValue root)
    {
        var reader = new ScenarioReader(file);
        Scenario scenario = reader.Enter<Scenario>("", root, "a scenario", ScenarioShape.Walk, null);
        reader.Judge(scenario);
        return new ScenarioLoad(
            reader._mistakes.Count == 0 ? scenario : null,
            [.. reader._mistakes.OrderBy(mistake => mistake.Line).ThenBy(mistake => mistake.Column)]);
    }

    /// <inheritdoc/>
    public double Number(string key, double value, double min, double max, string about)
    {
        string allowed = Allowed.Range(min, max);
        if (Find(key, $"a number, {allowed}", about) is not { } found)
        {
            return min;
        }

        if (found is not YamlValue.One { IsPlain: true } one
            || !double.TryParse(one.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            || !double.IsFinite(number))
        {
            return Refuse(key, found, $"{found.InWords} is not a number; allowed: {allowed}", min);
        }

        // Adding zero makes a negative zero positive, so that equal scenarios have equal text.
        return number >= min && number <= max
            ? number + 0.0
            : Refuse(key, found, $"{one.Text} is not allowed; allowed: {allowed}", min);
    }

    /// <inheritdoc/>
    public int Whole(string key, int value, int min, int max, string about)
    {
        string allowed = Allowed.Range(min, max);
        if (Find(key, $"a whole number, {allowed}", about) is not { } found)
        {
            return min;
        }

        if (found is not YamlValue.One { IsPlain: true } one || !IsDigits(one.Text.TrimStart('-')))
        {
            return Refuse(key, found, $"{found.InWords} is not a whole number; allowed: {allowed}", min);
        }

        bool fits = int.TryParse(one.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out int whole);
        return fits && whole >= min && whole <= max
            ? whole
            : Refuse(key, found, $"{one.Text} is not allowed; allowed: {allowed}", min);
    }

    /// <inheritdoc/>
    public ulong Seed(string key, ulong value, string about)
    {
        if (Find(key, "a whole number, " + Allowed.Seeds, about) is not { } found)
        {
            return 0;
        }

        return found is YamlValue.One { IsPlain: true } one
            && ulong.TryParse(one.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : Refuse(key, found, $"{found.InWords} is not a seed; allowed: {Allowed.Seeds}", 0UL);
    }

    /// <inheritdoc/>
    public string Text(string key, string value, string about) =>
        Find(key, $"text, {Allowed.Texts}", about) is { } found ? Line(key, found) : "";

    /// <inheritdoc/>
    public string Name(string key, string value, string about)
    {
        if (Find(key, "a name, " + Allowed.Names, about) is not { } found)
        {
            return "";
        }

        return found is YamlValue.One one && Allowed.IsName(one.Text)
            ? one.Text
            : Refuse(key, found, $"{found.InWords} is not a name; allowed: {Allowed.Names}", "");
    }

    /// <inheritdoc/>
    public ImmutableArray<string> Texts(string key, ImmutableArray<string> value, int countMax, string about)
    {
        ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>();
        foreach ((string at, YamlValue item) in Items(key, countMax, "a list of texts", about))
        {
            _places[Path(at)] = item.Start;
            string text = Line(at, item);
            if (texts.Contains(text) && !_broken.Contains(Path(at)))
            {
                _ = Refuse(at, item, $"'{text}' is in the list already; allowed: each once", "");
            }

            texts.Add(text);
        }

        return texts.ToImmutable();
    }

    /// <inheritdoc/>
    public DateOnly Date(string key, DateOnly value, DateOnly min, DateOnly max, string about)
    {
        string allowed = Allowed.Dates(min, max);
        if (Find(key, "a date, " + allowed, about) is not { } found)
        {
            return min;
        }

        if (found is not YamlValue.One one
            || !DateOnly.TryParseExact(
                one.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
        {
            return Refuse(key, found, $"{found.InWords} is not a date; allowed: {allowed}", min);
        }

        return date >= min && date <= max
            ? date
            : Refuse(key, found, $"{one.Text} is not allowed; allowed: {allowed}", min);
    }

    /// <inheritdoc/>
    public T Choice<T>(string key, T value, string about)
        where T : struct, Enum
    {
        string allowed = string.Join(", ", Allowed.Choices<T>());
        if (Find(key, "one of " + allowed, about) is not { } found)
        {
            return value;
        }

        string word = (found as YamlValue.One)?.Text ?? "";
        int index = Array.IndexOf([.. Allowed.Choices<T>()], word);
        return index >= 0
            ? Enum.GetValues<T>()[index]
            : Refuse(
                key,
                found,
                $"{found.InWords} is not allowed; allowed: "
                    + $"{allowed}" + Nearest.Hint(word, Allowed.Choices<T>()),
                value);
    }

    /// <inheritdoc/>
    public T Later<T>(string key, T before, Func<T> field)
    {
        if (_section is null || _section.Entries.Any(entry => entry.Key.Text == key))
        {
            return field();
        }

        _asked.Add(key);
        return before;
    }

    /// <inheritdoc/>
    public T Section<T>(string key, T? value, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        YamlValue? found = Find(key, "a section", about);
        return Enter(key, found, "a section of keys and values", shape, value);
    }

    /// <inheritdoc/>
    public ImmutableArray<T> Sections<T>(
        string key, ImmutableArray<T> value, int countMax, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        ImmutableArray<T>.Builder sections = ImmutableArray.CreateBuilder<T>();
        foreach ((string at, YamlValue item) in Items(key, countMax, "a list of sections", about))
        {
            sections.Add(Enter(at, item, "a section of keys and values", shape, null));
        }

        return sections.ToImmutable();
    }

    private static bool IsDigits(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private T Enter<T>(string key, YamlValue? found, string wanted, Func<IScenarioCodec, T?, T> shape,
        T? value)
        where T : class
    {
        if (found is not (null or YamlValue.Map))
        {
            _ = Refuse(key, found, $"{found.InWords} is not allowed; wanted: {wanted}", 0);
        }

        (YamlValue.Map? section, string path, List<string> asked) = (_section, _path, _asked);
        (_section, _path, _asked) = (found as YamlValue.Map, Path(key), []);
        T read = shape(this, value);
        RefuseStrangers();
        (_section, _path, _asked) = (section, path, asked);
        return read;
    }

    // The value of a key, or null after having said that it is missing.
    private YamlValue? Find(string key, string wanted, string about)
    {
        string path = Path(key);
        _asked.Add(key);
        if (_section is null)
        {
            _ = _broken.Add(path);
            return null;
        }

        (YamlValue.One? first, YamlValue? value) = _section.Entries.FirstOrDefault(entry =>
            entry.Key.Text == key);
        if (value is null)
        {
            _ = _broken.Add(path);
            Add(_section.Start, path, $"missing; wanted: {wanted} ({about})");
            return null;
        }

        _places[path] = value.Start;
        foreach ((YamlValue.One again, _) in _section.Entries.Where(entry => entry.Key.Text == key).Skip(1))
        {
            _ = _broken.Add(path);
            Add(again.Start, path, $"written twice, first in line {first!.Start.Line}; allowed: once");
        }

        return value;
    }

    private IEnumerable<(string Key, YamlValue Item)> Items(string key, int countMax, string wanted,
        string about)
    {
        if (Find(key, wanted, about) is not { } found)
        {
            return [];
        }

        if (found is not YamlValue.Series series)
        {
            _ = Refuse(key, found, $"{found.InWords} is not allowed; wanted: {wanted}, as [] for none", 0);
            return [];
        }

        if (series.Items.Count > countMax)
        {
            _ = Refuse(key, found, $"{series.Items.Count:N0} items are not allowed; allowed: up to "
                + $"{countMax:N0}", 0);
            return [];
        }

        return series.Items.Select((item, index) => ($"{key}[{index}]", item));
    }

    private string Line(string key, YamlValue found) =>
        found is YamlValue.One one && Allowed.IsText(one.Text)
            ? one.Text
            : Refuse(key, found, $"{found.InWords} is not allowed; allowed: {Allowed.Texts}", "");

    private void RefuseStrangers()
    {
        if (_section is null)
        {
            return;
        }

        foreach ((YamlValue.One key, _) in _section.Entries.Where(entry => !_asked.Contains(entry.Key.Text)))
        {
            string hint = Nearest.To(key.Text, _asked) is { } nearest
                ? $"did you mean '{nearest}'?"
                : "allowed: " + string.Join(", ", _asked);
            Add(key.Start, Path(Printable(key.Text)), "no such key; " + hint);
        }
    }

    private static string Printable(string key) =>
        key.Length is > 0 and <= ScenarioShape.NameLengthMax && !key.Any(char.IsControl)
            ? key
            : JsonSerializer.Serialize(key.Length <= 60 ? key : key[..57] + "...", TextJson.Default.String);

    private T Refuse<T>(string key, YamlValue at, string text, T instead)
    {
        string path = Path(key);
        _ = _broken.Add(path);
        _places[path] = at.Start;
        Add(at.Start, path, text);
        return instead;
    }

    private void Add(Mark place, string path, string text) =>
        _mistakes.Add(new Mistake(_file, place.Line, place.Column, path.Length == 0 ? text : $"{path}: "
            + $"{text}"));

    private string Path(string key) =>
        _path.Length == 0 ? key
        : key.Length == 0 ? _path
        : $"{_path}.{key}";

    private void Judge(Scenario scenario)
    {
        foreach (BrokenRule broken in ScenarioRules.Check(scenario, path => !IsBroken(path)))
        {
            Add(_places.GetValueOrDefault(broken.Path, new Mark(0, 1, 1)), broken.Path, broken.Text);
        }
    }

    // A field is broken with any section around it; a list with any of its items.
    private bool IsBroken(string path) =>
        _broken.Any(broken => broken == path
            || path.StartsWith(broken + ".", StringComparison.Ordinal)
            || broken.StartsWith(path + "[", StringComparison.Ordinal));
}
