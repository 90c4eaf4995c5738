using System;
using System.Linq;
using System.Text;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Skills.Tests.Packages;

/// <summary>What a skill says of itself: one spelling, and nothing that is not understood.</summary>
public sealed class CapabilityManifestTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        CapabilityManifest manifest = PackageRig.Manifest();
        CapabilityManifest? read = CapabilityManifest.Read(manifest.ToBytes(), out string? refusal);
        Assert.True(read is not null, refusal);
        Assert.Equal(manifest, read);
        Assert.Equal("pricing/1.2.0", read.Target);
        Assert.Equal("decide", read.Function);
    }

    [Theory]
    [InlineData("\"abi\":1", "\"abi\":0", "'abi' is not a whole number from 1 to 1,000")]
    [InlineData("\"abi\":1", "\"abi\":1.5", "it has the number 1.5")]
    [InlineData("\"abi\":1", "\"abi\":1e0", "it has the number 1e0")]
    [InlineData("\"abi\":1", "\"abi\":-0", "it has the number -0")]
    [InlineData("\"abi\":1", "\"abi\":9007199254740992", "it has the number 9007199254740992")]
    [InlineData("\"abi\":1,", "\"abi\":1,\"abi\":1,", "it has 'abi' twice in one object")]
    [InlineData("\"abi\":1,", "\"abi\":1,\"\\u0061bi\":1,", "it has 'abi' twice in one object")]
    [InlineData("\"abi\":1,", "", "it has no 'abi'")]
    [InlineData("\"abi\":1,", "\"abi\":1,\"act\":1,", "it has 'act', which is not known")]
    [InlineData("\"abi\":1,", "\"abi\":1,\"\u00e9\":1,", "plain ASCII")]
    [InlineData("\"abi\":1,", "\"abi\": 1,", "one spelling")]
    [InlineData("\"abi\":1,", "\"\\u0061bi\":1,", "one spelling")]
    [InlineData("\"drill\",\"haul\"", "\"haul\",\"drill\"", "are not in order")]
    [InlineData("\"drill\",\"haul\"", "\"drill\",\"drill\"", "one is there twice")]
    [InlineData("\"drill\",\"haul\"", "\"Drill\"", "'capabilities' has a name")]
    [InlineData("\"drill\",\"haul\"", "\"drill\",1", "an entry of 'capabilities' is no text")]
    [InlineData("\"clock\",\"log\"", "\"log\",\"clock\"", "one spelling")]
    [InlineData("\"clock\",\"log\"", "\"clock\",\"socket\"", "'imports' has socket, which no host has")]
    [InlineData("\"kind\":\"decide\"", "\"kind\":\"recipe\"", "neither bid nor decide")]
    [InlineData("\"memory_pages\":2", "\"memory_pages\":17", "'memory_pages' is not a whole number")]
    [InlineData("\"fuel\":100000", "\"fuel\":0", "'fuel' is not a whole number from 1")]
    [InlineData("\"divergence_ppm\":5000", "\"divergence_ppm\":1000001", "'divergence_ppm'")]
    [InlineData("\"name\":\"pricing\"", "\"name\":\"../pricing\"", "'name' has a name that is not")]
    [InlineData("\"name\":\"pricing\"", "\"name\":\"\\ud800\"", "it is no JSON")]
    [InlineData("\"version\":\"1.2.0\"", "\"version\":\"1.2\"", "no semantic version")]
    [InlineData("\"version\":\"1.2.0\"", "\"version\":\"1.2.0+x\"", "no semantic version")]
    [InlineData("\"version\":\"1.2.0\"", "\"version\":\"1.2.0/..\"", "no semantic version")]
    [InlineData("\"size\":", "\"bytes\":", "it has 'bytes', which is not known")]
    [InlineData("{\"abi\"", "[{\"abi\"", "it is no JSON")]
    [InlineData("{\"abi\"", "\ufeff{\"abi\"", "it is no JSON")]
    [InlineData("{\"abi\":1,", "{/* note */\"abi\":1,", "it is no JSON")]
    public void What_is_refused(string what, string instead, string refusal)
    {
        string text = Encoding.UTF8.GetString(PackageRig.Manifest().ToBytes());
        Assert.Contains(what, text, StringComparison.Ordinal);
        Refuses(Encoding.UTF8.GetBytes(text.Replace(what, instead, StringComparison.Ordinal)), refusal);
    }

    [Fact]
    public void Depth_count_and_bytes_are_limited()
    {
        Refuses(Encoding.ASCII.GetBytes(new string('[', 100_000)), "it is no JSON");
        Refuses(Encoding.ASCII.GetBytes(new string('[', 13) + new string(']', 13)), "it is no JSON");
        Refuses(
            Encoding.ASCII.GetBytes("[" + string.Join(',', Enumerable.Repeat("0", 20_001)) + "]"),
            "more than 20,000 values");
        Refuses([], "it is no JSON");
        Refuses([.. PackageRig.Manifest().ToBytes(), (byte)'1'], "it is no JSON");
        Refuses([(byte)'"', 0xC3, (byte)'"'], "it is no UTF-8");
        Refuses(Encoding.ASCII.GetBytes("null"), "it is no object");
    }

    // What a stranger wrote is told on terminals.
    [Fact]
    public void A_refusal_has_no_signs_that_a_terminal_would_obey()
    {
        string text = Encoding.UTF8.GetString(PackageRig.Manifest().ToBytes())
            .Replace("\"log\"", "\"\\u001b[31mred\"", StringComparison.Ordinal);
        Assert.Null(CapabilityManifest.Read(Encoding.UTF8.GetBytes(text), out string? refusal));
        Assert.DoesNotContain('\u001b', refusal!);
    }

    [Fact]
    public void Versions_are_ordered_as_semantic_versioning_has_it()
    {
        // Section 11 of the standard, and some more.
        string[] order =
        [
            "0.0.1", "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
            "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.0.1-a-b", "1.0.1", "1.2.0",
            "1.10.0", "2.0.0", "999999.0.0",
        ];
        SkillVersion[] versions = [.. order.Select(text =>
        {
            Assert.True(SkillVersion.TryParse(text, out SkillVersion? version), text);
            Assert.Equal(text, version.ToString());
            return version;
        })];
        for (int i = 0; i < versions.Length; i++)
        {
            for (int j = 0; j < versions.Length; j++)
            {
                Assert.Equal(i.CompareTo(j), Math.Sign(versions[i].CompareTo(versions[j])));
            }
        }

        Assert.All(
            new[]
            {
                "", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+b", "v1.2.3",
                "1.2.x", "-1.2.3", "1.2.3-A", "1.2.1000000", "1.2.3-" + new string('a', 43),
            },
            text => Assert.False(SkillVersion.TryParse(text, out _), text));
    }

    private static void Refuses(byte[] manifest, string refusal)
    {
        Assert.Null(CapabilityManifest.Read(manifest, out string? why));
        Assert.True(why!.Contains(refusal, StringComparison.Ordinal), why);
    }
}
