using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hanse.Cli.Scenarios;

/// <summary>Describes scenario files as JSON Schema, draft 2020-12, for editors and for other
/// programs.</summary>
/// <remarks>The schema states kinds and ranges; the rules between fields are the loader's alone.</remarks>
internal sealed class ScenarioSchema : IScenarioCodec
{
    private JsonObject _properties = [];

    // Fields that a file may leave out.
    private readonly HashSet<JsonNode> _later = [];

    /// <summary>The schema, indented, with a last line end.</summary>
    public static string Write()
    {
        var schema = new ScenarioSchema();
        JsonObject root = schema.Describe(codec => ScenarioShape.Walk(codec, null));
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root.Insert(1, "$id", "urn:hanse:scenario");
        root.Insert(2, "title", "Hanse scenario");
        root.Insert(3, "description", "Everything that a run is made of. Rules between fields are checked by "
            + "'hanse scenario validate'.");
        var options = new JsonSerializerOptions
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        return root.ToJsonString(options) + "\n";
    }

    /// <inheritdoc/>
    public double Number(string key, double value, double min, double max, string about)
    {
        Add(key, "number", about, ("minimum", Exact(min)), ("maximum", Exact(max)));
        return value;
    }

    /// <inheritdoc/>
    public int Whole(string key, int value, int min, int max, string about)
    {
        Add(key, "integer", about, ("minimum", min), ("maximum", max));
        return value;
    }

    /// <inheritdoc/>
    public ulong Seed(string key, ulong value, string about)
    {
        Add(key, "integer", about, ("minimum", 0), ("maximum", ulong.MaxValue));
        return value;
    }

    /// <inheritdoc/>
    public string Text(string key, string value, string about)
    {
        Add(key, "string", about, ("minLength", 1), ("maxLength", ScenarioShape.TextLengthMax));
        return value;
    }

    /// <inheritdoc/>
    public string Name(string key, string value, string about)
    {
        Add(key, "string", about, ("pattern", Allowed.NamePattern));
        return value;
    }

    /// <inheritdoc/>
    public ImmutableArray<string> Texts(string key, ImmutableArray<string> value, int countMax, string about)
    {
        // A number of the catalogue may be written without quotes.
        var item = new JsonObject
        {
            ["type"] = new JsonArray("string", "integer"),
            ["minLength"] = 1,
            ["maxLength"] = ScenarioShape.TextLengthMax,
        };
        Add(key, "array", about, ("maxItems", countMax), ("uniqueItems", true), ("items", item));
        return value;
    }

    /// <inheritdoc/>
    public DateOnly Date(string key, DateOnly value, DateOnly min, DateOnly max, string about)
    {
        Add(key, "string", $"{about} {Allowed.Dates(min, max)}.", ("format", "date"));
        return value;
    }

    /// <inheritdoc/>
    public T Choice<T>(string key, T value, string about)
        where T : struct, Enum
    {
        var choices = new JsonArray();
        foreach (string choice in Allowed.Choices<T>())
        {
            choices.Add((JsonNode)choice);
        }

        Add(key, "string", about, ("enum", choices));
        return value;
    }

    /// <inheritdoc/>
    public T Later<T>(string key, T before, Func<T> field)
    {
        T walked = field();
        _ = _later.Add(_properties[key]!);
        return walked;
    }

    /// <inheritdoc/>
    public T Section<T>(string key, T? value, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        T? walked = null;
        JsonObject section = Describe(codec => walked = shape(codec, value));
        section.Insert(0, "description", about);
        _properties[key] = section;
        return walked!;
    }

    /// <inheritdoc/>
    public ImmutableArray<T> Sections<T>(
        string key, ImmutableArray<T> value, int countMax, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        Add(key, "array", about, ("maxItems", countMax), ("items", Describe(codec => shape(codec, null))));
        return value;
    }

    // A whole double is written as the whole number it is.
    private static JsonNode Exact(double number) =>
        number == Math.Floor(number) ? (JsonNode)(long)number : number;

    private JsonObject Describe(Action<IScenarioCodec> walk)
    {
        JsonObject around = _properties;
        _properties = [];
        walk(this);
        JsonObject properties = _properties;
        _properties = around;
        var required = new JsonArray();
        foreach ((string key, JsonNode? field) in properties)
        {
            if (!_later.Contains(field!))
            {
                required.Add((JsonNode)key);
            }
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = required,
            ["properties"] = properties,
        };
    }

    private void Add(string key, string type, string about, params ReadOnlySpan<(string Key,
        JsonNode Value)> more)
    {
        var field = new JsonObject { ["description"] = about, ["type"] = type };
        foreach ((string name, JsonNode value) in more)
        {
            field[name] = value;
        }

        _properties[key] = field;
    }
}
