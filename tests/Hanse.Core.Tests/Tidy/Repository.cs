using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hanse.Core.Tests.Tidy;

/// <summary>The files of the repository these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] _notOurs =
        [".git", ".vs", "artifacts", "bin", "obj", "out", "node_modules", "BenchmarkDotNet.Artifacts"];

    private static readonly string[] _binary = [".png", ".jpg", ".wasm", ".gz", ".zip"];

    /// <summary>Its root: the folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files that a clone would have, from the root, with forward slashes, in
    /// order.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(new DirectoryInfo(Root)).Order(StringComparer.Ordinal)];

    /// <summary>Those that hold text of ours: not data, which is others' words, nor the licence.</summary>
    public static IEnumerable<string> Texts => Files.Where(path =>
        !path.StartsWith("data/", StringComparison.Ordinal)
        && path != "LICENSE"
        && !_binary.Contains(Path.GetExtension(path)));

    /// <summary>Source files below any of some folders.</summary>
    public static IEnumerable<string> Sources(params string[] folders) => Files.Where(path =>
        path.EndsWith(".cs", StringComparison.Ordinal)
        && folders.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    /// <summary>Every line of some files, with the words to find it again.</summary>
    public static IEnumerable<(string Place, string Line)> LinesOf(IEnumerable<string> paths) =>
        paths.SelectMany(path => Lines(path).Select((line, i) => ($"{path}:{i + 1}", line)));

    private static IEnumerable<string> Walk(DirectoryInfo folder)
    {
        foreach (DirectoryInfo inner in folder.GetDirectories())
        {
            if (!_notOurs.Contains(inner.Name))
            {
                foreach (string path in Walk(inner))
                {
                    yield return path;
                }
            }
        }

        foreach (FileInfo file in folder.GetFiles())
        {
            yield return Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
        }
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hanse.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException(
            "there is no Hanse.slnx above the tests");
    }
}
