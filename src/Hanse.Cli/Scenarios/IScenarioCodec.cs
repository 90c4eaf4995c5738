using System;
using System.Collections.Immutable;

namespace Hanse.Cli.Scenarios;

/// <summary>What can be done with the fields of a scenario, one after another: read them from a file, write
/// them as canonical text, describe them in a schema.</summary>
/// <remarks>Every method takes the field's key, the value there is (to write), what is allowed and what the
/// field means, and returns the value there now is (read).</remarks>
internal interface IScenarioCodec
{
    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    double Number(string key, double value, double min, double max, string about);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both
    /// included.</summary>
    int Whole(string key, int value, int min, int max, string about);

    /// <summary>Any seed: 0 to 2^64 - 1.</summary>
    ulong Seed(string key, ulong value, string about);

    /// <summary>A line of text of 1 to <see cref="ScenarioShape.TextLengthMax"/> characters.</summary>
    string Text(string key, string value, string about);

    /// <summary>A short name: small letters, digits and hyphens.</summary>
    string Name(string key, string value, string about);

    /// <summary>Texts as in <see cref="Text"/>, none of them twice.</summary>
    ImmutableArray<string> Texts(string key, ImmutableArray<string> value, int countMax, string about);

    /// <summary>A date, YYYY-MM-DD.</summary>
    DateOnly Date(string key, DateOnly value, DateOnly min, DateOnly max, string about);

    /// <summary>One of the names of an enum, in camel case.</summary>
    T Choice<T>(string key, T value, string about)
        where T : struct, Enum;

    /// <summary>A field that came with a later release: a file from before does not have it, and means what
    /// was so then.</summary>
    /// <param name="key">The field's key.</param>
    /// <param name="before">What was so before.</param>
    /// <param name="field">The field itself.</param>
    T Later<T>(string key, T before, Func<T> field);

    /// <summary>A group of fields of its own.</summary>
    T Section<T>(string key, T? value, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class;

    /// <summary>A list of such groups.</summary>
    ImmutableArray<T> Sections<T>(
        string key, ImmutableArray<T> value, int countMax, Func<IScenarioCodec, T?, T> shape, string about)
        where T : class;
}
