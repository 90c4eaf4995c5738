using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Tidy;

/// <summary>Rooms of Core and the arrows between them: a room uses only the simpler rooms it is built
/// on.</summary>
public sealed partial class RoomTests
{
    // Every room with the rooms it may use. A room that is not here does not exist: name it, and draw its
    // arrows.
    private static readonly SortedDictionary<string, string[]> _arrows = new(StringComparer.Ordinal)
    {
        ["Units"] = [],
        ["Time"] = [],
        ["Identity"] = [],
        ["Machine"] = ["Time"],
        ["Clearing"] = ["Machine"],
        ["Wire"] = ["Units", "Time", "Identity", "Machine"],
        ["Messages"] = ["Units", "Time", "Identity", "Machine", "Wire"],
        ["Links"] = [.. _base],
        ["Series"] = [.. _base],
        ["Estimate"] = [.. _base],
        ["Journal"] = [.. _base, "Links"],
        ["Decisions"] = [.. _base, "Journal"],
        ["Skills"] = [.. _base, "Journal", "Decisions"],
        ["Twin"] = [.. _base, "Links", "Series"],
        ["Ledger"] = [.. _base, "Links"],
        ["Intake"] = [.. _base, "Links"],
        ["Merge"] = [.. _base, "Links", "Ledger", "Estimate"],
        ["Market"] = [.. _base, "Links", "Estimate", "Twin", "Ledger", "Clearing"],
        ["Reconcile"] = [.. _base, "Links", "Journal", "Decisions", "Twin", "Ledger", "Estimate", "Merge"],
        ["Node"] = [.. _belowMachines],
        ["Hub"] = [.. _belowMachines, "Estimate", "Intake", "Merge", "Reconcile"],
        ["Strategy"] = [.. _belowMachines, "Reconcile"],
    };

    private static string[] _base => ["Units", "Time", "Identity", "Machine", "Wire", "Messages"];

    // The three machines share messages and never each other's code.
    private static string[] _belowMachines =>
        [.. _base, "Links", "Journal", "Decisions", "Series", "Twin", "Ledger", "Market", "Skills"];

    private static IEnumerable<string> CoreSources => Repository.Sources("src/Hanse.Core");

    [Fact]
    public void Every_source_of_Core_is_in_a_room_that_is_drawn() =>
        Findings.None(CoreSources.Where(path => !_arrows.ContainsKey(RoomOf(path)) || path.Split(
            '/').Length != 4));

    [Fact]
    public void The_arrows_have_no_circles()
    {
        var done = new HashSet<string>();
        while (done.Count < _arrows.Count)
        {
            int before = done.Count;
            done.UnionWith(_arrows.Where(room => room.Value.All(done.Contains)).Select(room => room.Key));
            string circle = string.Join(", ", _arrows.Keys.Except(done));
            Assert.True(done.Count > before, $"a circle among {circle}");
        }
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        Findings.None(CoreSources.Where(path =>
            !Repository.Lines(path).Contains($"namespace Hanse.Core.{RoomOf(path)};")));
        Findings.None(typeof(Instant).Assembly.GetExportedTypes()
            .Where(type => !_arrows.Keys.Any(room => type.Namespace == $"Hanse.Core.{room}"))
            .Select(type => type.FullName));
    }

    [Fact]
    public void A_room_uses_only_the_rooms_it_is_built_on()
    {
        ILookup<string, string> names = typeof(Instant).Assembly.GetExportedTypes()
            .ToLookup(type => type.Namespace!.Split('.')[^1], type => type.Name.Split('`')[0]);
        var wrong = new List<string>();
        foreach ((string place, string line) in Repository.LinesOf(CoreSources))
        {
            string room = RoomOf(place);
            foreach (Match match in FullName().Matches(line))
            {
                Judge(match.Groups[1].Value);
            }

            // Inside Hanse.Core a room is reached without a using as well: Market.Auctioneer.
            foreach (Match match in PartialName().Matches(line))
            {
                if (names[match.Groups[1].Value].Contains(match.Groups[2].Value))
                {
                    Judge(match.Groups[1].Value);
                }
            }

            void Judge(string used)
            {
                if (used != room && !_arrows[room].Contains(used))
                {
                    wrong.Add($"{place}: {room} may not use {used}");
                }
            }
        }

        Findings.None(wrong);
    }

    [Fact]
    public void Every_room_has_a_door_with_an_essay()
    {
        // Eight lines are the least in which to say the problem, the idea, the invariants and what is absent.
        Findings.None(_arrows.Keys.Where(room => Repository.Sources($"src/Hanse.Core/{room}")
            .SelectMany(path => Remarks().Matches(Repository.Read(path)))
            .All(essay => essay.Value.Count(letter => letter == '\n') + 1 < 8)));
    }

    private static string RoomOf(string path) => path.Split('/')[2];

    [GeneratedRegex(@"Hanse\.Core\.(\w+)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w+)\.([A-Z]\w+)")]
    private static partial Regex PartialName();

    [GeneratedRegex("<remarks>.*?</remarks>", RegexOptions.Singleline)]
    private static partial Regex Remarks();
}
