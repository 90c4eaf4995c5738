using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hanse.Cli.Scenarios;

/// <summary>Finds scenarios by name: in the <c>scenarios</c> folder of the working directory or of a
/// directory above it, then in the one that is shipped beside the program.</summary>
internal sealed class ScenarioLibrary
{
    private const string FolderName = "scenarios";
    private const string Extension = ".yaml";

    private readonly string _workingDirectory;
    private readonly string _programDirectory;

    /// <summary>A library as seen from a directory.</summary>
    public ScenarioLibrary(string workingDirectory, string programDirectory)
    {
        _workingDirectory = workingDirectory;
        _programDirectory = programDirectory;
    }

    /// <summary>The path of a scenario: of the file that is named, or of the first folder that has the name;
    /// null when there is none.</summary>
    public string? Find(string nameOrPath)
    {
        string path = Path.Combine(_workingDirectory, nameOrPath);
        if (File.Exists(path))
        {
            return path;
        }

        return Allowed.IsName(nameOrPath)
            ? Folders().Select(folder => Path.Combine(folder,
                nameOrPath + Extension)).FirstOrDefault(File.Exists)
            : null;
    }

    /// <summary>A path as people write it: from the working directory when it is below.</summary>
    public string Shown(string path)
    {
        string relative = Path.GetRelativePath(_workingDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>Names and paths of all that can be found by name, by name.</summary>
    public IReadOnlyList<(string Name, string Path)> All()
    {
        SortedDictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (string folder in Folders())
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*" + Extension))
            {
                _ = all.TryAdd(Path.GetFileNameWithoutExtension(path), path);
            }
        }

        return [.. all.Select(entry => (entry.Key, entry.Value))];
    }

    // The nearest first. Only the nearest of the working directory's counts, so that a check-out does not see
    // its neighbours.
    private IEnumerable<string> Folders()
    {
        for (DirectoryInfo? at = new(_workingDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, FolderName);
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*" + Extension).Any())
            {
                yield return folder;
                break;
            }
        }

        string shipped = Path.Combine(_programDirectory, FolderName);
        if (Directory.Exists(shipped))
        {
            yield return shipped;
        }
    }
}
