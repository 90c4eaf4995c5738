using System;
using System.Collections.Immutable;
using System.Text;

namespace Hanse.Cli.Scenarios;

/// <summary>Describes scenario files for people: a table of fields in Markdown.</summary>
internal sealed class ScenarioGuide : IScenarioCodec
{
    private readonly StringBuilder _text = new();
    private string _path = "";

    /// <summary>The table, with a last line end.</summary>
    public static string Write()
    {
        var guide = new ScenarioGuide();
        _ = guide._text.Append("| field | allowed | meaning |\n|--|--|--|\n");
        _ = ScenarioShape.Walk(guide, null);
        return guide._text.ToString();
    }

    /// <inheritdoc/>
    public double Number(string key, double value, double min, double max, string about)
    {
        Row(key, Allowed.Range(min, max), about);
        return value;
    }

    /// <inheritdoc/>
    public int Whole(string key, int value, int min, int max, string about)
    {
        Row(key, Allowed.Range(min, max) + ", whole", about);
        return value;
    }

    /// <inheritdoc/>
    public ulong Seed(string key, ulong value, string about)
    {
        Row(key, Allowed.Seeds, about);
        return value;
    }

    /// <inheritdoc/>
    public string Text(string key, string value, string about)
    {
        Row(key, Allowed.Texts, about);
        return value;
    }

    /// <inheritdoc/>
    public string Name(string key, string value, string about)
    {
        Row(key, Allowed.Names, about);
        return value;
    }

    /// <inheritdoc/>
    public ImmutableArray<string> Texts(string key, ImmutableArray<string> value, int countMax, string about)
    {
        Row(key, $"up to {countMax:N0} texts, each once", about);
        return value;
    }

    /// <inheritdoc/>
    public DateOnly Date(string key, DateOnly value, DateOnly min, DateOnly max, string about)
    {
        Row(key, Allowed.Dates(min, max), about);
        return value;
    }

    /// <inheritdoc/>
    public T Choice<T>(string key, T value, string about)
        where T : struct, Enum
    {
        Row(key, string.Join(", ", Allowed.Choices<T>()), about);
        return value;
    }

    /// <inheritdoc/>
    public T Later<T>(string key, T before, Func<T> field) => field();

    /// <inheritdoc/>
    public T Section<T>(string key, T? value, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        Row(key, "section", about);
        return Within(key, shape, value);
    }

    /// <inheritdoc/>
    public ImmutableArray<T> Sections<T>(
        string key, ImmutableArray<T> value, int countMax, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        Row(key, $"up to {countMax:N0} sections", about);
        _ = Within(key + "[]", shape, null);
        return value;
    }

    private T Within<T>(string key, Func<IScenarioCodec, T?, T> shape, T? value)
        where T : class
    {
        string around = _path;
        _path += key + ".";
        T walked = shape(this, value);
        _path = around;
        return walked;
    }

    private void Row(string key, string allowed, string about) =>
        _text.Append("| `").Append(_path).Append(key).Append("` | ").Append(allowed)
            .Append(" | ").Append(about).Append(" |\n");
}
