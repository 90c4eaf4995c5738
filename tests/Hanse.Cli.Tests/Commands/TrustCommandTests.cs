using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary>Keys, packages and repositories from the command line: from a module to a skill that a node
/// would take.</summary>
public sealed class TrustCommandTests : IDisposable
{
    private const string Date = "2040-01-01T00:00:00Z";

    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_key_is_its_owner_s_alone_and_its_public_half_is_for_everybody()
    {
        string key = _rig.File("ada");
        Fine("key", "new", key);
        string[] lines = _rig.Output.Split('\n');
        Assert.StartsWith("name    ada", lines[0], StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }

        // Both files show the same, and neither what is private.
        string secret = File.ReadAllText(key).Trim().Split('+', 5)[4]; // In base64, which has '+' as well.
        foreach (string file in new[] { key, key + ".pub" })
        {
            Fine("key", "show", file);
            Assert.Equal(lines, _rig.Output.Split('\n'));
            Assert.DoesNotContain(secret, _rig.Output, StringComparison.Ordinal);
        }

        Assert.Equal($"public  {File.ReadAllText(key + ".pub").Trim()}", lines[2].Trim());
        Assert.Equal(3, _rig.Run("key", "new", key)); // A key is never written over.
        Assert.Contains("is there already", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string key = _rig.File("ada");
        Fine("key", "new", key);
        foreach (UnixFileMode mode in new[]
        {
            UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite,
            UnixFileMode.OtherExecute,
        })
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            Refused("may be read by others than its owner; 'chmod 600", "key", "show", key);
            Refused("may be read by others", "skill", "repo", "sign", _rig.File("repo"), "--key", key);
        }
    }

    [Theory]
    [InlineData("PRIVATE+KEY+ada+00000000+AQ==", "is no private key")]
    [InlineData("PRIVATE+KEY+ada", "is no private key")]
    [InlineData("something else", "64 hexadecimal digits")]
    public void What_is_no_key(string text, string refusal)
    {
        string key = _rig.File("ada");
        File.WriteAllText(key, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Refused(refusal, "key", "show", key);
        Assert.Equal(3, _rig.Run("key", "show", _rig.File("nothing")));
    }

    [Fact]
    public void A_damaged_key_is_told_from_another_one()
    {
        string key = _rig.File("ada");
        Fine("key", "new", key);
        string text = File.ReadAllText(key);
        File.WriteAllText(key, text.Replace("+KEY+ada+", "+KEY+bob+", StringComparison.Ordinal));
        Refused("is damaged: the id of the key does not belong to it", "key", "show", key);
    }

    [Fact]
    public void From_a_module_to_a_skill_that_a_node_would_take()
    {
        Repository();
        string package = Pack("pricing", "1.2.0");
        Fine("skill", "inspect", package);
        Assert.Contains("pricing/1.2.0, which bids", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("functions  bid, selfcheck", _rig.Output, StringComparison.Ordinal);

        // Not before both have signed.
        Fine("skill", "sign", package, Folder("repo"), "--key", Key("tess"), "--key", Key("online"), At());
        Assert.Contains("waits      targets 2 waits for 1 signature", _rig.Output, StringComparison.Ordinal);
        Untrusted("no such target", "pricing/1.2.0");
        Fine("skill", "repo", "sign", Folder("repo"), "--key", Key("theo"), "--key", Key("online"), At());
        Assert.Contains("published  timestamp.json", _rig.Output, StringComparison.Ordinal);
        Verify("pricing/1.2.0");
        Assert.Contains("trusted    root 1, timestamp 2, snapshot 2", _rig.Output, StringComparison.Ordinal);
        Verify(package); // The same package from elsewhere.

        // What the node grants and has.
        Untrusted("grant", "pricing/1.2.0", "--has", "weld");
        Assert.Contains("it needs drill", _rig.Error, StringComparison.Ordinal);
        Untrusted("expired", "pricing/1.2.0", "--at", "91d");
        Untrusted("no such target", "pricing/9.9.9");
    }

    [Fact]
    public void What_was_learnt_is_kept_so_that_nobody_can_lead_it_back()
    {
        Repository();
        string old = _rig.File("old");
        Sign(Pack("pricing", "1.2.0"));
        Copy(Folder("repo"), old);
        Sign(Pack("pricing", "1.3.0"));
        Verify("pricing/1.3.0");
        Assert.Equal(1, _rig.Run(
            "skill", "verify", "pricing/1.2.0", "--repo", old, "--trust", _rig.File("trust"), "--at", "1d"));
        Assert.Contains("not admitted (rollback): timestamp.json is version 2; trusted is 3", _rig.Error,
            StringComparison.Ordinal);
        Verify("pricing/1.2.0"); // An older skill of the newest metadata is a choice, and no attack.
        Fine("skill", "repo", "withdraw", Folder("repo"), "pricing/1.2.0", "--key", Key("tess"), "--key",
            Key("theo"), "--key", Key("online"), At());
        Untrusted("no such target", "pricing/1.2.0");
        Verify("pricing/1.3.0");
    }

    [Fact]
    public void A_key_is_rotated_and_those_that_were_away_follow()
    {
        Repository();
        Sign(Pack("pricing", "1.2.0"));
        Fine("key", "new", Key("rita"));
        Fine("key", "rotate", Folder("repo"), "--role", "root", "--take", Key("ada") + ".pub", "--give",
            Key("rita") + ".pub", "--key", Key("ben"), "--key", Key("rita"), At());
        Assert.Contains("root 2 waits for 1 signature by keys of the root before", _rig.Output,
            StringComparison.Ordinal);
        Fine("skill", "repo", "sign", Folder("repo"), "--key", Key("cleo"), At());
        Verify("pricing/1.2.0");
        Assert.Contains("trusted    root 2", _rig.Output, StringComparison.Ordinal);
        Refused("root does not have the key", "key", "rotate", Folder("repo"), "--role", "root", "--take",
            new string('0', 64), "--key", Key("ben"), At());
        Refused("is neither a key file nor the text of a key", "key", "rotate", Folder("repo"), "--role",
            "root", "--give", new string('0', 64), "--key", Key("ben"), At());
    }

    [Fact]
    public void An_author_signs_what_is_his_and_it_is_pushed_elsewhere()
    {
        Repository();
        Fine("key", "new", Key("otto"));
        Fine("skill", "repo", "delegate", Folder("repo"), "--role", "otto", "--holder", Key("otto") + ".pub",
            "--path", "hauling/*", "--key", Key("tess"), "--key", Key("theo"), "--key", Key("online"), At());
        Refused("otto may not vouch for pricing/1.0.0", "skill", "sign", Pack("pricing", "1.0.0"),
            Folder("repo"), "--role", "otto", "--key", Key("otto"), At());
        Fine("skill", "sign", Pack("hauling", "1.0.0"), Folder("repo"), "--role", "otto", "--key",
            Key("otto"), "--key", Key("online"), At());
        Fine("skill", "push", "hauling/1.0.0", "--from", Folder("repo"), "--to", Folder("mirror"), "--trust",
            _rig.File("trust"), "--at", "1d");
        Fine("skill", "verify", "hauling/1.0.0", "--repo", Folder("mirror"), "--trust", _rig.File("trust"),
            "--at", "2d");
        Assert.Equal(1, _rig.Run("skill", "push", "hauling/2.0.0", "--from", Folder("repo"), "--to",
            Folder("other"), "--trust", _rig.File("trust"), "--at", "1d"));
        Assert.False(Directory.Exists(Folder("other")));
        Fine("skill", "repo", "refresh", Folder("repo"), "--key", Key("online"), "--at",
            "2040-03-01T00:00:00Z");
        Assert.Contains("published  timestamp.json", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Packs_what_fits_and_says_what_does_not()
    {
        string manifest = _rig.File("skill.json");
        string module = Path.Combine(Cli.Tests.Repository.Root, "skills/pricing/pricing.wasm");
        foreach ((string json, string refusal) in new[]
        {
            ("{}", "it has no 'kind'"),
            ("""{"name":"a","version":"1.0.0","kind":"bid","speed":1}""", "'speed', which is not known"),
            ("""{"name":"a","version":"1.0.0","kind":"bid","memory_pages":0}""", "may grow to 1 pages"),
            ("""{"name":"a","version":"1.0.0","kind":"bid","name":"b"}""", "it has 'name' twice"),
            ("name: a", "it is no JSON"),
        })
        {
            File.WriteAllText(manifest, json);
            Refused(refusal, "skill", "pack", module, "--manifest", manifest, "--to", Folder("none"));
            Assert.False(Directory.Exists(Folder("none")));
        }

        File.WriteAllText(manifest, """{"name":"a","version":"1.0.0","kind":"bid"}""");
        Refused("does not begin as a module", "skill", "pack", manifest, "--manifest", manifest, "--to",
            Folder("none"));
        Fine("skill", "pack", module, "--manifest", manifest, "--to", Folder("once"));
        Fine("skill", "pack", module, "--manifest", manifest, "--to", Folder("again"));
        Refused("is there already", "skill", "pack", module, "--manifest", manifest, "--to", Folder("once"));
        Assert.All(
            Directory.GetFiles(Folder("once"), "*", SearchOption.AllDirectories),
            file => Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(
                file.Replace(Folder("once"), Folder("again"), StringComparison.Ordinal))));
    }

    [Fact]
    public void Files_and_times_that_are_wrong_are_refused_in_words()
    {
        Repository();
        string[] verify = ["skill", "verify", "pricing/1.2.0", "--repo", Folder("repo"), "--trust"];
        Refused("is no mission time; one is 400d", [.. verify, _rig.File("trust"), "--at", "soond"]);
        Refused("is no date; one is", [.. verify, _rig.File("trust"), "--at", "2041-03-01"]);
        Refused(
            "is before the mission begins", [.. verify, _rig.File("trust"), "--at", "2039-03-01T00:00:00Z"]);
        Refused("is no state of trust", [.. verify, Key("ada"), "--at", "1d"]);
        Assert.Equal(3, _rig.Run([.. verify, _rig.File("nothing"), "--at", "1d"]));
        Refused("is not taken as a root", "skill", "trust", Key("ada"), _rig.File("other"));
        Refused("there is a repository already", New());
        Refused("is not taken as a package", "skill", "inspect", Folder("repo"));
    }

    private void Repository()
    {
        foreach (string name in new[] { "ada", "ben", "cleo", "tess", "theo", "online" })
        {
            Fine("key", "new", Key(name));
        }

        Fine(New());
        Fine("skill", "repo", "sign", Folder("repo"), "--key", Key("ben"), "--key", Key("tess"), "--key",
            Key("theo"), "--key", Key("online"), At());
        Fine("skill", "trust", Path.Combine(Folder("repo"), "metadata", "1.root.json"), _rig.File("trust"),
            "--epoch", Date);
    }

    private string[] New() =>
    [
        "skill", "repo", "new", Folder("repo"), "--root", Key("ada") + ".pub", "--root", Key("ben") + ".pub",
        "--root", Key("cleo") + ".pub", "--threshold", "2", "--targets", Key("tess") + ".pub", "--targets",
        Key("theo") + ".pub", "--targets-threshold", "2", "--snapshot", Key("online") + ".pub", "--timestamp",
        Key("online") + ".pub", "--key", Key("ada"), At(),
    ];

    private string Pack(string name, string version)
    {
        string folder = _rig.File($"{name}-{version}");
        string manifest = _rig.File("skill.json");
        File.WriteAllText(
            manifest,
            $$"""{"name":"{{name}}","version":"{{version}}","kind":"bid","capabilities":["drill"]}""");
        Fine("skill", "pack", Path.Combine(Cli.Tests.Repository.Root, "skills/pricing/pricing.wasm"),
            "--manifest", manifest, "--to", folder);
        return folder;
    }

    private void Sign(string package) => Fine(
        "skill", "sign", package, Folder("repo"), "--key", Key("tess"), "--key", Key("theo"), "--key",
        Key("online"), At());

    private void Verify(string skill) => Fine(
        "skill", "verify", skill, "--repo", Folder("repo"), "--trust", _rig.File("trust"), "--at", "1d");

    private void Untrusted(string reason, string skill, params string[] more)
    {
        string[] at = more.Contains("--at") ? [] : ["--at", "1d"];
        Assert.Equal(1, _rig.Run(
        [
            "skill", "verify", skill, "--repo", Folder("repo"), "--trust", _rig.File("trust"), .. at, .. more,
        ]));
        Assert.Contains($"is not admitted ({reason})", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_rig.Output);
    }

    private void Fine(params string[] arguments)
    {
        int code = _rig.Run(arguments);
        Assert.True(code == 0, $"{code}: {_rig.Error}");
    }

    private void Refused(string refusal, params string[] arguments)
    {
        Assert.Equal(2, _rig.Run(arguments));
        Assert.Contains(refusal, _rig.Error, StringComparison.Ordinal);
    }

    private string Key(string name) => _rig.File(name);

    private string Folder(string name) => _rig.File(name);

    private static string At() => "--at=" + Date;

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string goal = file.Replace(from, to, StringComparison.Ordinal);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(goal)!);
            File.Copy(file, goal);
        }
    }
}
