using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hanse.Cli.Telemetry;

/// <summary>One series to evaluate.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="File">Where it is.</param>
/// <param name="Training">A file that shows what is normal, if there is one.</param>
/// <param name="Labels">A file of labels, if there is one.</param>
internal sealed record SeriesFile(string Channel, string File, string? Training, string? Labels);

/// <summary>Sorts out files as they are given on a command line.</summary>
/// <remarks>
/// <c>X_test.csv</c> is evaluated and <c>X_train.csv</c> beside it or among the files shows what is normal. A
/// training file is evaluated itself only when its test file is nowhere. <c>labels.csv</c> is labels. A
/// folder stands for its files.
/// </remarks>
internal static class SeriesFiles
{
    private const string Test = "_test.csv";

    private const string Train = "_train.csv";

    /// <summary>The series, in the order given.</summary>
    public static IReadOnlyList<SeriesFile> Sort(IEnumerable<string> given, string? labels)
    {
        string[] files = [.. given.SelectMany(Open).DistinctBy(Path.GetFullPath)];
        string? among = files.FirstOrDefault(IsLabels);
        return [.. files.Where(file => !IsLabels(file) && !IsTrainingOf(file, files)).Select(file =>
            new SeriesFile(Channel(file), file, Partner(file, Test, Train, files),
                labels ?? Existing(Path.Combine(Folder(file), LabelFile.Name)) ?? among))];
    }

    private static IEnumerable<string> Open(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.csv").Order(StringComparer.Ordinal)
        : [path];

    private static bool IsLabels(string file) => Path.GetFileName(file) == LabelFile.Name;

    private static bool IsTrainingOf(string file, string[] files) =>
        Partner(file, Train, Test, files) is not null;

    private static string Channel(string file) => file.EndsWith(Test, StringComparison.Ordinal)
        ? Path.GetFileName(file)[..^Test.Length]
        : Path.GetFileNameWithoutExtension(file);

    // The file of the same channel that ends otherwise: beside this one, or among those given.
    private static string? Partner(string file, string end, string otherEnd, string[] files)
    {
        if (!file.EndsWith(end, StringComparison.Ordinal))
        {
            return null;
        }

        string name = Path.GetFileName(file)[..^end.Length] + otherEnd;
        return Existing(Path.Combine(Folder(file), name))
            ?? files.FirstOrDefault(other => Path.GetFileName(other) == name);
    }

    private static string Folder(string file) => Path.GetDirectoryName(file) ?? "";

    private static string? Existing(string file) => File.Exists(file) ? file : null;
}
