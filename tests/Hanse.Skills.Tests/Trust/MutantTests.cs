using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hanse.Skills.Packages;
using Hanse.Skills.Tests.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Trust;

/// <summary>Tens of thousands of spoilt files: no exception, always a reason, and nothing is taken that says
/// anything else than the original.</summary>
public sealed class MutantTests : IDisposable
{
    // Values at the edges of what fields allow, and of what readers agree on.
    private static readonly string[] _values =
    [
        "0", "-1", "1", "2", "3", "1.5", "1e3", "9007199254740991", "9007199254740992",
        "99999999999999999999999", "-0", "true", "false", "null", "\"\"", "\"root\"", "\"targets\"",
        "\"../../x\"", "\"\\u0000\"", "\"\\ud800\"", "\"*\"", "[]", "{}", "[[[[[[[[[[[[[[0]]]]]]]]]]]]]]",
        "\"2040-02-30T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"sha256:00\"",
        "\"" + new string('a', 300) + "\"", "\"" + new string('0', 64) + "\"",
    ];

    private readonly TrustRig _rig = new();
    private readonly TrustState _begun;
    private readonly SkillPackage _package = PackageRig.Package();
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _ends = new(StringComparer.Ordinal);

    public MutantTests()
    {
        _begun = _rig.Begin();
        var author = new Delegation("author", TrustRig.Role(1, _rig.AuthorKey), ["pricing/*"], true);
        var other = new Delegation("other", TrustRig.Role(1, _rig.Stranger), ["hauling/*"], false);
        _ = _rig.Fill(2, _rig.Empty(2, other, author), author: _rig.Targets(1, _package.Image));
        _rig.Files["2.root.json"] = TrustRig.Sign(_rig.Root(2).ToJson(), _rig.RootKeys);
        foreach (string name in _rig.Files.Names)
        {
            _files["metadata/" + name] = _rig.Files[name];
        }

        MemoryBundle layout = _package.ToLayout();
        foreach (string name in layout.Names.Where(
            name => name.StartsWith("blobs", StringComparison.Ordinal)))
        {
            _files[name] = layout[name];
        }
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Ten_thousand_spoilt_bundles_are_refused_with_a_reason_or_say_the_same()
    {
        AdmissionOutcome whole = Check(_files);
        Assert.True(whole.Stage == AdmissionStage.Admitted, whole.Refusal);
        string[] names = [.. _files.Keys];
        var random = new Random(20261130);
        for (int i = 0; i < 12_000; i++)
        {
            var files = new SortedDictionary<string, byte[]>(_files, StringComparer.Ordinal);
            string name = names[i % names.Length];
            files[name] = IsJson(name) && random.Next(2) == 0
                ? Restated(files[name], random) : Spoilt(files[name], random);
            if (random.Next(20) == 0)
            {
                string another = names[random.Next(names.Length)];
                files[another] = files[names[random.Next(names.Length)]];
            }
            else if (random.Next(20) == 0)
            {
                _ = files.Remove(name);
            }

            Same(whole, Check(files), files);
        }

        Assert.True(
            _ends.Count >= 8 && _ends["Admitted"] is > 20 and < 3_000, string.Join(", ", _ends));
    }

    // By whoever has the keys: all that is left to a client is to read what it can and refuse the rest.
    [Fact]
    public void Ten_thousand_bundles_that_were_spoilt_before_they_were_signed_are_read_or_refused()
    {
        AdmissionOutcome whole = Check(_files);
        string[] names = [.. _rig.Files.Names];
        var random = new Random(20261201);
        for (int i = 0; i < 10_000; i++)
        {
            var files = new SortedDictionary<string, byte[]>(_files, StringComparer.Ordinal);
            Resign(files, names[i % names.Length], random);
            AdmissionOutcome outcome = Check(files);
            Count(outcome);

            // The package is the old one whatever is said of it.
            Assert.True(outcome.Package is null || outcome.Package.Digest == whole.Package!.Digest);
        }

        Assert.True(
            _ends.Count >= 8 && _ends["Admitted"] is > 200 and < 8_000, string.Join(", ", _ends));
    }

    [Fact]
    public void Ten_thousand_spoilt_layouts_are_refused_with_a_reason_or_are_the_package()
    {
        MemoryBundle layout = _package.ToLayout();
        string[] names = [.. layout.Names];
        var random = new Random(20261202);
        (int read, int refused) = (0, 0);
        for (int i = 0; i < 10_000; i++)
        {
            MemoryBundle mutant = _package.ToLayout();
            string name = names[i % names.Length];
            mutant[name] = random.Next(2) == 0
                ? Restated(mutant[name], random) : Spoilt(mutant[name], random);
            var package = SkillPackage.Read(mutant, out string? refusal);
            Assert.True(package is null == refusal is not null);
            Assert.True(package is null ? refusal!.Length > 0 : package.Digest == _package.Digest
                && package.Module.AsSpan().SequenceEqual(_package.Module)
                && package.Manifest.Equals(_package.Manifest));
            _ = package is null ? refused++ : read++;
        }

        Assert.True(read > 100 && refused > 7_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Thousands_of_spoilt_states_and_manifests_are_refused_with_a_reason_or_read()
    {
        byte[] state = Check(_files).State.ToBytes();
        byte[] manifest = _package.Manifest.ToBytes();
        var random = new Random(20261203);
        for (int i = 0; i < 4_000; i++)
        {
            byte[] mutant = random.Next(2) == 0 ? Restated(state, random) : Spoilt(state, random);
            Assert.True(TrustState.Read(mutant, out string? refusal) is null == refusal is not null);
            mutant = random.Next(2) == 0 ? Restated(manifest, random) : Spoilt(manifest, random);
            var read = CapabilityManifest.Read(mutant, out refusal);
            Assert.True(read is null == refusal is not null);
            Assert.True(read is null || read.ToBytes().AsSpan().SequenceEqual(mutant));
            _ = SkillPackage.Pack(mutant, _package.Module, out refusal);
        }
    }

    private AdmissionOutcome Check(SortedDictionary<string, byte[]> files)
    {
        var bundle = new MemoryBundle();
        foreach ((string name, byte[] file) in files)
        {
            bundle[name] = file;
        }

        return SkillAdmission.Check(
            _begun, new InnerBundle(bundle, "metadata"), bundle, TrustRig.Target, TrustRig.Now, null);
    }

    private void Count(AdmissionOutcome outcome)
    {
        Assert.Equal(outcome.Stage == AdmissionStage.Trust, outcome.Reason != TrustReason.None);
        Assert.Equal(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal.Length == 0);
        Assert.DoesNotContain(outcome.Refusal, char.IsControl);
        string end = outcome.Reason == TrustReason.None
            ? outcome.Stage.ToString() : outcome.Reason.ToString();
        _ends[end] = _ends.GetValueOrDefault(end) + 1;
    }

    // Blanks and bad signatures beside good ones may differ; nothing that is signed.
    private void Same(
        AdmissionOutcome whole, AdmissionOutcome outcome, SortedDictionary<string, byte[]> files)
    {
        Count(outcome);
        if (outcome.Stage != AdmissionStage.Admitted)
        {
            return;
        }

        Assert.Equal(whole.Package!.Digest, outcome.Package!.Digest);
        Assert.Equal(whole.Package.Module, outcome.Package.Module);
        (TrustState a, TrustState b) = (whole.State, outcome.State);
        Assert.True(b.RootVersion is 1 or 2);
        Assert.Equal(a.SnapshotBytes, b.SnapshotBytes);
        Assert.Equal(SignedFile.Read(a.TimestampBytes).Message, SignedFile.Read(b.TimestampBytes).Message);
        Assert.All(
            files.Where(file => file.Key.StartsWith("blobs", StringComparison.Ordinal)),
            file => Assert.Equal(_files[file.Key], file.Value));
    }

    private void Resign(SortedDictionary<string, byte[]> files, string name, Random random)
    {
        string path = "metadata/" + name;
        SigningKey[] keys = name.Contains("root", StringComparison.Ordinal) ? _rig.RootKeys
            : name.Contains("targets", StringComparison.Ordinal) ? _rig.TargetsKeys
            : [name.Contains("author", StringComparison.Ordinal) ? _rig.AuthorKey
                : name.Contains("snapshot", StringComparison.Ordinal) ? _rig.SnapshotKey : _rig.TimestampKey];
        Json signed;
        try
        {
            signed = Json.Parse(Restated(SignedFile.Read(files[path]).Message, random));
        }
        catch (SkillRefusedException)
        {
            return; // What cannot be read cannot be signed.
        }

        files[path] = TrustRig.Sign(signed, keys);
        if (name.Contains("root", StringComparison.Ordinal)
            || name.Contains("timestamp", StringComparison.Ordinal))
        {
            return;
        }

        // Those above it vouch for the new one.
        SnapshotMetadata snapshot = SnapshotMetadata.Read(
            SignedFile.Read(_files["metadata/2.snapshot.json"]).Signed, "");
        byte[] snapshotBytes = files["metadata/2.snapshot.json"];
        if (!name.Contains("snapshot", StringComparison.Ordinal))
        {
            string plain = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
            var notes = new SortedDictionary<string, FileNote>(snapshot.Files, StringComparer.Ordinal)
            {
                [plain] = FileNote.Of(snapshot.Files[plain].Version, files[path]),
            };
            snapshotBytes = TrustRig.Sign((snapshot with { Files = notes }).ToJson(), _rig.SnapshotKey);
        }

        files["metadata/2.snapshot.json"] = snapshotBytes;
        files["metadata/timestamp.json"] = TrustRig.Sign(
            new TimestampMetadata(2, TrustRig.Expiry(400), FileNote.Of(2, snapshotBytes)).ToJson(),
            _rig.TimestampKey);
    }

    private static bool IsJson(string name) =>
        name.EndsWith(".json", StringComparison.Ordinal);

    // Bytes turned, put in, left out, cut off or said twice.
    private static byte[] Spoilt(byte[] file, Random random)
    {
        byte[] mutant = [.. file];
        for (int i = random.Next(3); i >= 0 && mutant.Length > 1; i--)
        {
            int at = random.Next(mutant.Length);
            int end = Math.Min(mutant.Length, at + random.Next(1, 40));
            mutant = random.Next(8) switch
            {
                0 => mutant[..at],
                1 => [.. mutant[..at], .. mutant[(at + 1)..]],
                2 => [.. mutant[..at], (byte)random.Next(256), .. mutant[at..]],
                3 => [.. mutant[..end], .. mutant[at..]],
                4 => [.. mutant[..at], (byte)random.Next(256), .. mutant[(at + 1)..]],
                5 => [.. mutant, (byte)' '],
                6 => [(byte)'\n', .. mutant],
                _ => [.. mutant[..at], (byte)(mutant[at] ^ (1 << random.Next(8))), .. mutant[(at + 1)..]],
            };
        }

        return mutant;
    }

    // One value of its JSON replaced, left out, said twice or added to.
    private static byte[] Restated(byte[] file, Random random)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(file);
        }
        catch (JsonException)
        {
            return Spoilt(file, random); // A module.
        }

        List<JsonNode> nodes = [];
        Collect(root!, nodes);
        JsonNode one = nodes[random.Next(nodes.Count)];
        string marker = "@" + random.Next().ToString("x8", null);
        string value = _values[random.Next(_values.Length)];
        string was = one.ToJsonString();
        switch (one.Parent)
        {
            case JsonObject parent:
                string name = one.GetPropertyName();
                string quoted = JsonValue.Create(name).ToJsonString();
                parent[name] = marker;
                (string Old, string New) change = random.Next(5) switch
                {
                    0 => ($"\"{marker}\"", $"{was},{quoted}:{value}"), // Twice, and they differ.
                    1 => ($"\"{marker}\"", $"{was},{quoted}:{was}"),
                    2 => ($"\"{marker}\"", $"{was},\"x-{random.Next(9)}\":{value}"),
                    3 => ($"{quoted}:\"{marker}\"", "\"x\":0"),
                    _ => ($"\"{marker}\"", value),
                };
                return Replaced(root!, change.Old, change.New);
            case JsonArray list:
                int index = one.GetElementIndex();
                list[index] = marker;
                if (random.Next(4) == 0)
                {
                    list.RemoveAt(index);
                }

                return Replaced(root!, $"\"{marker}\"", random.Next(3) switch
                {
                    0 => $"{was},{was}",
                    1 => $"{value},{was}",
                    _ => value,
                });
            default:
                return Encoding.UTF8.GetBytes(value);
        }
    }

    private static byte[] Replaced(JsonNode root, string old, string by) => Encoding.UTF8.GetBytes(
        root.ToJsonString().Replace(old, by, StringComparison.Ordinal));

    private static void Collect(JsonNode node, List<JsonNode> nodes)
    {
        nodes.Add(node);
        IEnumerable<JsonNode?> inner = node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (JsonNode? one in inner)
        {
            if (one is not null)
            {
                Collect(one, nodes);
            }
        }
    }
}
