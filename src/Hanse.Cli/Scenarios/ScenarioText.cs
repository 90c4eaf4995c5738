using System;
using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Scenarios;

/// <summary>Writes a scenario as one line of canonical JSON: equal scenarios give equal text, and
/// <see cref="ScenarioFile.Parse"/> reads it back.</summary>
internal sealed class ScenarioText : IScenarioCodec
{
    private readonly Utf8JsonWriter _json;

    private ScenarioText(Utf8JsonWriter json) => _json = json;

    /// <summary>The line, without its end.</summary>
    public static string Write(Scenario scenario)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(bytes, options))
        {
            json.WriteStartObject();
            _ = ScenarioShape.Walk(new ScenarioText(json), scenario);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <inheritdoc/>
    public double Number(string key, double value, double min, double max, string about)
    {
        _json.WriteNumber(key, value);
        return value;
    }

    /// <inheritdoc/>
    public int Whole(string key, int value, int min, int max, string about)
    {
        _json.WriteNumber(key, value);
        return value;
    }

    /// <inheritdoc/>
    public ulong Seed(string key, ulong value, string about)
    {
        _json.WriteNumber(key, value);
        return value;
    }

    /// <inheritdoc/>
    public string Text(string key, string value, string about)
    {
        _json.WriteString(key, value);
        return value;
    }

    /// <inheritdoc/>
    public string Name(string key, string value, string about) => Text(key, value, about);

    /// <inheritdoc/>
    public ImmutableArray<string> Texts(string key, ImmutableArray<string> value, int countMax, string about)
    {
        _json.WriteStartArray(key);
        foreach (string text in value)
        {
            _json.WriteStringValue(text);
        }

        _json.WriteEndArray();
        return value;
    }

    /// <inheritdoc/>
    public DateOnly Date(string key, DateOnly value, DateOnly min, DateOnly max, string about)
    {
        _json.WriteString(key, Allowed.Show(value));
        return value;
    }

    /// <inheritdoc/>
    public T Choice<T>(string key, T value, string about)
        where T : struct, Enum
    {
        _json.WriteString(key, Allowed.Choices<T>()[Array.IndexOf(Enum.GetValues<T>(), value)]);
        return value;
    }

    /// <inheritdoc/>
    public T Later<T>(string key, T before, Func<T> field) => field();

    /// <inheritdoc/>
    public T Section<T>(string key, T? value, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        _json.WriteStartObject(key);
        T written = shape(this, value);
        _json.WriteEndObject();
        return written;
    }

    /// <inheritdoc/>
    public ImmutableArray<T> Sections<T>(
        string key, ImmutableArray<T> value, int countMax, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class
    {
        _json.WriteStartArray(key);
        foreach (T section in value)
        {
            _json.WriteStartObject();
            _ = shape(this, section);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        return value;
    }
}

/// <summary>Text as JSON, for messages.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class TextJson : JsonSerializerContext;
