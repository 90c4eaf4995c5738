using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Hanse.Cli.Scenarios;

/// <summary>What is allowed, in words and as tests of single values.</summary>
internal static class Allowed
{
    /// <summary>The seeds.</summary>
    public const string Seeds = "0 to 18,446,744,073,709,551,615";

    /// <summary>The pattern of short names; that of the schema too.</summary>
    public const string NamePattern = "^[a-z0-9][a-z0-9-]{0,63}$";

    /// <summary>Short names.</summary>
    public static string Names { get; } =
        $"small letters, digits and hyphens, up to {ScenarioShape.NameLengthMax} characters";

    /// <summary>Texts.</summary>
    public static string Texts { get; } = $"one line of text, 1 to {ScenarioShape.TextLengthMax} characters";

    /// <summary>A range, both ends included.</summary>
    public static string Range(double min, double max) => $"{Show(min)} to {Show(max)}";

    /// <summary>A range of dates.</summary>
    public static string Dates(DateOnly min, DateOnly max) => $"YYYY-MM-DD, {Show(min)} to {Show(max)}";

    /// <summary>A date as files have it.</summary>
    public static string Show(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A number for people: thousands apart, no more decimals than it has.</summary>
    public static string Show(double number) => number.ToString("#,##0.######", CultureInfo.InvariantCulture);

    /// <summary>The names of an enum in camel case, in the order of its values.</summary>
    public static IReadOnlyList<string> Choices<T>()
        where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    /// <summary>Whether it is a line of text.</summary>
    public static bool IsText(string text) =>
        text.Length is > 0 and <= ScenarioShape.TextLengthMax
        && !text.Any(char.IsControl)
        && !char.IsWhiteSpace(text[0]);

    /// <summary>Whether it is a short name.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= ScenarioShape.NameLengthMax
        && text[0] != '-'
        && text.All(letter => letter is '-' or (>= 'a' and <= 'z') or (>= '0' and <= '9'));
}
