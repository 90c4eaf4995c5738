using System;
using System.Collections.Generic;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Trust;

/// <summary>Authors vouch for what is theirs and for nothing else.</summary>
public sealed class DelegationTests : IDisposable
{
    private static readonly byte[] _content = Encoding.ASCII.GetBytes("an image manifest");

    private readonly TrustRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_author_vouches_for_what_is_delegated()
    {
        _ = _rig.Fill(1, _rig.Empty(1, Author("pricing/*")), author: _rig.Targets(1, _content));
        TrustOutcome outcome = _rig.Apply(_rig.Begin());
        Assert.Equal("author", outcome.Target?.Role);
        Assert.Equal(Digest.Of(_content), outcome.Target!.Hash);
    }

    [Fact]
    public void An_author_does_not_vouch_for_anything_else()
    {
        TargetsMetadata targets = _rig.Empty(1, Author("hauling/*", "pricing/2.*"));
        _ = _rig.Fill(1, targets, author: _rig.Targets(1, _content));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.NoSuchTarget, "pricing/1.2.0");
    }

    [Fact]
    public void What_targets_says_itself_comes_before_what_an_author_says()
    {
        TargetsMetadata own = _rig.Targets(1, [1, 2, 3]) with { Delegations = [Author("pricing/*")] };
        _ = _rig.Fill(1, own, author: _rig.Targets(1, _content));
        Assert.Equal("targets", _rig.Apply(_rig.Begin()).Target?.Role);
    }

    [Fact]
    public void An_author_s_file_is_held_to_signature_and_snapshot_as_any_other()
    {
        TargetsMetadata targets = _rig.Empty(1, Author("pricing/*"));
        _ = _rig.Fill(1, targets, author: _rig.Targets(1, _content));
        byte[] forged = TrustRig.Sign(_rig.Targets(1, [6, 6, 6]).ToJson(), _rig.Stranger);
        _rig.Files["1.author.json"] = forged;
        _ = _rig.Refuses(_rig.Begin(), TrustReason.MixAndMatch, "1.author.json is not the one");
        _ = _rig.Snapshot(2, new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = FileNote.Of(1, _rig.Files["1.targets.json"]),
            ["author.json"] = FileNote.Of(1, forged),
        });
        _ = _rig.Refuses(_rig.Begin(), TrustReason.UnknownKey, "1.author.json bears 0 of the 1");
    }

    [Fact]
    public void The_first_that_knows_a_target_is_believed_and_a_last_word_is_one()
    {
        byte[] other = [7, 7];
        var second = new Delegation("second", TrustRig.Role(1, _rig.Keys[9]), ["*/*"], false);
        byte[] file = TrustRig.Sign(_rig.Targets(1, other).ToJson(), _rig.Keys[9]);
        foreach ((bool isTerminating, bool knows, string? role) in new[]
        {
            (false, true, "author"), (true, true, "author"), (false, false, "second"), (true, false, null),
        })
        {
            TargetsMetadata author = knows ? _rig.Targets(1, _content) : _rig.Empty(1);
            TargetsMetadata targets = _rig.Empty(
                1, Author("pricing/*") with { IsTerminating = isTerminating }, second);
            byte[] top = TrustRig.Sign(targets.ToJson(), _rig.TargetsKeys);
            byte[] first = TrustRig.Sign(author.ToJson(), _rig.AuthorKey);
            (_rig.Files["1.targets.json"], _rig.Files["1.author.json"], _rig.Files["1.second.json"]) =
                (top, first, file);
            _ = _rig.Snapshot(1, new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
            {
                ["targets.json"] = FileNote.Of(1, top),
                ["author.json"] = FileNote.Of(1, first),
                ["second.json"] = FileNote.Of(1, file),
            });
            TrustOutcome outcome = _rig.Apply(_rig.Begin());
            Assert.Equal(role, outcome.Target?.Role);
            Assert.Equal(
                role is null ? TrustReason.NoSuchTarget : TrustReason.None, outcome.Reason);
        }
    }

    [Theory]
    [InlineData("pricing/*", "pricing/1.2.0", true)]
    [InlineData("pricing/*", "pricing/a/b", false)]
    [InlineData("*", "pricing/1.2.0", false)]
    [InlineData("*/*", "pricing/1.2.0", true)]
    [InlineData("pricing/1.?.0", "pricing/1.2.0", true)]
    [InlineData("pricing/1.?.0", "pricing/1.22.0", false)]
    [InlineData("pricing/1.2.0", "pricing/1.2.0", true)]
    [InlineData("p*g/*.*.0", "pricing/1.2.0", true)]
    [InlineData("p*x/*", "pricing/1.2.0", false)]
    [InlineData("**/***", "pricing/1.2.0", true)]
    [InlineData("", "pricing/1.2.0", false)]
    public void Patterns(string pattern, string target, bool matches) =>
        Assert.Equal(matches, Delegation.Matches(pattern, target));

    // Stars in a row would take a simple matcher for ever.
    [Fact]
    public void A_pattern_does_not_blow_up() => Assert.False(Delegation.Matches(
        string.Concat(System.Linq.Enumerable.Repeat("a*", 120)) + "b", new string('a', 256)));

    private Delegation Author(params string[] paths) =>
        new("author", TrustRig.Role(1, _rig.AuthorKey), paths, false);
}
