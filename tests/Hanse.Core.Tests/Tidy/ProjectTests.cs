using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace Hanse.Core.Tests.Tidy;

/// <summary>Projects and the arrows between them: Core decides, everything else carries out.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> _arrows = new()
    {
        ["Hanse.Core"] = [],
        ["Hanse.Api"] = [],
        ["Hanse.IO"] = ["Hanse.Core", "Hanse.Api"],
        ["Hanse.Skills"] = ["Hanse.Core"],
        ["Hanse.Simulation"] = ["Hanse.Core", "Hanse.Api"],
        ["Hanse.Server"] = ["Hanse.Core", "Hanse.Api", "Hanse.IO"],
        ["Hanse.Agent"] = ["Hanse.Core", "Hanse.Api", "Hanse.IO"],
        ["Hanse.Cluster"] = ["Hanse.Core", "Hanse.IO", "Hanse.Server"],
        ["Hanse.Cli"] =
        [
            "Hanse.Core", "Hanse.Api", "Hanse.IO", "Hanse.Simulation", "Hanse.Skills", "Hanse.Server",
            "Hanse.Agent", "Hanse.Cluster",
        ],
    };

    private static IEnumerable<string> Projects =>
        Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void A_project_refers_only_to_those_it_is_built_on()
    {
        foreach (string path in Projects.Where(path => path.StartsWith("src/", StringComparison.Ordinal)))
        {
            string project = Path.GetFileNameWithoutExtension(path);
            Assert.True(_arrows.TryGetValue(project, out string[]? allowed), $"{project} is not drawn here");
            Findings.None(References(path, "ProjectReference").Select(
                Path.GetFileNameWithoutExtension).Except(allowed));
        }
    }

    [Fact]
    public void Core_refers_to_no_package()
    {
        XElement core = XElement.Parse(Repository.Read("src/Hanse.Core/Hanse.Core.csproj"));
        Assert.Empty(core.Descendants("PackageReference"));
        Assert.Equal("true", (string?)core.Descendants("CheckForOverflowUnderflow").Single());

        // What every project gets is an analyzer, of which nothing is left when it runs.
        IEnumerable<XElement> shared = XElement.Parse(Repository.Read("Directory.Build.props"))
            .Descendants("PackageReference");
        Assert.All(shared, package => Assert.Equal("all", (string?)package.Attribute("PrivateAssets")));
    }

    [Fact]
    public void Core_is_built_from_the_base_library_alone() =>
        Assert.All(
            typeof(Core.Time.Instant).Assembly.GetReferencedAssemblies(),
            assembly => Assert.StartsWith("System.", assembly.Name, StringComparison.Ordinal));

    [Fact]
    public void Every_project_is_in_the_solution() =>
        Assert.Equal(
            Projects.Order(StringComparer.Ordinal),
            XElement.Parse(Repository.Read("Hanse.slnx")).Descendants("Project")
                .Select(project => (string)project.Attribute("Path")!)
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Every_project_has_a_lock_file() =>
        Findings.None(Projects.Select(path => Path.GetDirectoryName(path)!.Replace('\\',
            '/') + "/packages.lock.json")
            .Except(Repository.Files));

    [Fact]
    public void Every_package_has_its_version_in_one_place()
    {
        Findings.None(Projects.Where(path => XElement.Parse(Repository.Read(path))
            .Descendants("PackageReference")
            .Any(package => package.Attribute("Version") is not null)));
        IEnumerable<string> used = Projects.SelectMany(path => References(path, "PackageReference"))
            .Concat(References("Directory.Build.props", "PackageReference"))
            .Concat(References("tests/Directory.Build.props", "PackageReference"));
        Findings.None(used.Except(References("Directory.Packages.props", "PackageVersion")));
    }

    private static IEnumerable<string> References(string path, string kind) =>
        XElement.Parse(Repository.Read(path)).Descendants(kind)
            .Select(reference => (string)reference.Attribute("Include")!);
}
