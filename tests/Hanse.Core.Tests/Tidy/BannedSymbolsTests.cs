using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Tidy;

/// <summary>What Core may not use is a build error (RS0030), and says what to use instead.</summary>
public sealed class BannedSymbolsTests
{
    // Without these the promise of decision 0002, that no undefined order and no hidden input decides, is
    // void.
    private static readonly string[] _mustBeBanned =
    [
        "T:System.Collections.Generic.Dictionary`2",
        "T:System.Collections.Generic.HashSet`1",
        "T:System.Collections.Generic.PriorityQueue`2",
        "T:System.Collections.Hashtable",
        "T:System.Collections.Frozen.FrozenDictionary`2",
        "T:System.Collections.Frozen.FrozenSet`1",
        "T:System.Collections.Frozen.FrozenSet",
        "T:System.Collections.Immutable.ImmutableDictionary`2",
        "T:System.Collections.Immutable.ImmutableHashSet`1",
        "N:System.Collections.Concurrent",
        "T:System.Linq.Enumerable",
        "T:System.Random",
        "T:System.HashCode",
        "M:System.String.GetHashCode",
        "M:System.Guid.NewGuid",
        "P:System.DateTime.Now",
        "P:System.DateTime.UtcNow",
        "P:System.DateTimeOffset.UtcNow",
        "T:System.TimeProvider",
        "T:System.Diagnostics.Stopwatch",
        "T:System.Environment",
        "T:System.Console",
        "T:System.Double",
        "T:System.Single",
        "T:System.Threading.Thread",
        "N:System.Threading.Tasks",
        "N:System.IO",
        "N:System.Net.Sockets",
    ];

    private static IEnumerable<(string Symbol, string Message)> Bans =>
        Repository.Lines("src/Hanse.Core/BannedSymbols.txt")
            .Select(line => line.Split(';', 2))
            .Select(parts => (parts[0], parts.Length == 2 ? parts[1] : string.Empty));

    [Fact]
    public void Everything_that_could_decide_behind_our_back_is_banned() =>
        Findings.None(_mustBeBanned.Except(Bans.Select(ban => ban.Symbol)));

    [Fact]
    public void A_ban_is_a_build_error()
    {
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", Repository.Lines(".editorconfig"));
        Assert.Contains("BannedSymbols.txt", Repository.Read("Directory.Build.props"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_room_that_hides_the_order_may_lift_a_ban() =>
        Assert.Equal(
            ["src/Hanse.Core/Machine/Lookup.cs"],
            Repository.Sources("src/Hanse.Core").Where(path =>
                Repository.Read(path).Contains("RS0030", StringComparison.Ordinal)));

    [Fact]
    public void Every_ban_names_its_replacement() =>
        Findings.None(Bans.Where(ban => ban.Message.Length < 10).Select(ban => ban.Symbol));

    [Fact]
    public void A_replacement_of_ours_exists()
    {
        // "use Machine.Prng": the word after the room must be a type there.
        IEnumerable<string> named = Bans.SelectMany(ban => ban.Message.Split(' ', ',', ':', ';'))
            .Where(word => word.StartsWith("Machine.", StringComparison.Ordinal));
        IEnumerable<string> types = typeof(Instant).Assembly.GetExportedTypes()
            .Select(type => $"{type.Namespace!.Split('.')[^1]}.{type.Name.Split('`')[0]}");
        Findings.None(named.Except(types));
    }

    [Fact]
    public void Every_banned_type_exists()
    {
        // The analyzer ignores a symbol it cannot find, so a slip of the pen would ban nothing.
        Assembly[] platform = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => name.StartsWith("System.", StringComparison.Ordinal))
            .Select(Assembly.Load)];
        Findings.None(Bans.Select(ban => ban.Symbol)
            .Where(symbol => symbol.StartsWith("T:", StringComparison.Ordinal))
            .Where(symbol => !platform.Any(assembly => assembly.GetType(symbol[2..]) is not null)));
    }
}
