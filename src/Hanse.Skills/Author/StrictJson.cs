using System;
using System.Linq;
using System.Text.Json;

namespace Hanse.Skills.Author;

/// <summary>Small JSON files, read strictly: unknown and doubled names, other types and numbers out of
/// bounds are refused with what is allowed.</summary>
internal static class StrictJson
{
    private const string NoText = "it is no JSON: a text in it is no text";

    private static readonly JsonDocumentOptions _options = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = 4,
    };

    /// <summary>An object with no names but these.</summary>
    /// <exception cref="SkillRefusedException">It is something else.</exception>
    public static JsonDocument Object(ReadOnlyMemory<byte> text, params string[] names)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, _options);
        }
        catch (JsonException failure)
        {
            throw new SkillRefusedException("it is no JSON: " + failure.Message);
        }
        catch (InvalidOperationException)
        {
            throw new SkillRefusedException(NoText); // Names are compared, to find doubled ones.
        }

        try
        {
            Look(document.RootElement);
            Only(document.RootElement, names);
            return document;
        }
        catch (InvalidOperationException)
        {
            document.Dispose();
            throw new SkillRefusedException(NoText);
        }
        catch (SkillRefusedException)
        {
            document.Dispose();
            throw;
        }
    }

    // Bytes that are no letters, and halves of letters, show only when a text is looked at: each is, once.
    private static void Look(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                _ = property.Name;
                Look(property.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Look(item);
            }
        }
        else if (element.ValueKind == JsonValueKind.String)
        {
            _ = element.GetString();
        }
    }

    /// <summary>It is an object with no names but these.</summary>
    public static void Only(JsonElement element, params string[] names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new SkillRefusedException("it is no object: { ... }");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name, StringComparer.Ordinal))
            {
                throw new SkillRefusedException(
                    $"it has '{property.Name}'; allowed: {string.Join(", ", names)}");
            }
        }
    }

    /// <summary>A text; the default when there is none.</summary>
    public static string Text(JsonElement element, string name, int lengthMax, string? byDefault = null)
    {
        if (!element.TryGetProperty(name, out JsonElement value))
        {
            return byDefault ?? throw new SkillRefusedException($"it lacks '{name}'");
        }

        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null && text.Length <= lengthMax ? text
            : throw new SkillRefusedException($"'{name}' is to be a text of up to {lengthMax} letters");
    }

    /// <summary>A whole number within bounds; the default when there is none.</summary>
    public static long Number(JsonElement element, string name, long min, long max, long? byDefault = null)
    {
        if (!element.TryGetProperty(name, out JsonElement value))
        {
            return byDefault ?? throw new SkillRefusedException($"it lacks '{name}'");
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            && number >= min && number <= max ? number
            : throw new SkillRefusedException($"'{name}' is to be a whole number from {min} to {max}");
    }

    /// <summary>A list of texts; empty when there is none.</summary>
    public static string[] Texts(JsonElement element, string name, int countMax, int lengthMax)
    {
        if (!element.TryGetProperty(name, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= countMax
            && value.EnumerateArray().All(item =>
                item.ValueKind == JsonValueKind.String && item.GetRawText().Length <= lengthMax)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw new SkillRefusedException(
                $"'{name}' is to be a list of up to {countMax} texts of up to {lengthMax} letters");
    }

    /// <summary>One of some words.</summary>
    public static T Word<T>(
        JsonElement element, string name, T? byDefault, params (string Word, T Value)[] words)
        where T : struct
    {
        string[] allowed = [.. words.Select(word => word.Word)];
        if (!element.TryGetProperty(name, out JsonElement value))
        {
            return byDefault ?? throw new SkillRefusedException($"it lacks '{name}'");
        }

        int at = value.ValueKind == JsonValueKind.String ? Array.IndexOf(allowed, value.GetString()) : -1;
        return at >= 0 ? words[at].Value
            : throw new SkillRefusedException($"'{name}' is to be one of {string.Join(", ", allowed)}");
    }
}
